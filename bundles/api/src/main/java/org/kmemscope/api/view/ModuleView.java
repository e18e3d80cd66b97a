package org.kmemscope.api.view;

/**
 * A loaded module ({@code lsmod}).
 *
 * @param name name
 * @param liveBytes bytes it holds at present
 * @param live allocations it holds at present
 * @param machine name of the machine it is loaded on
 */
public record ModuleView(String name, long liveBytes, long live, String machine) {}
