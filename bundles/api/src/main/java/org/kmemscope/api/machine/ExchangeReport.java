package org.kmemscope.api.machine;

import java.util.Map;

/**
 * What an exchange did.
 *
 * @param part what was exchanged
 * @param from name of the one that left; {@code none} if nothing was bound
 * @param to name of the one that is bound now; {@code none} if what is left is parked
 * @param drained calls that had to end first: the one in the kernel, and those that slept in the part
 * @param taken what was taken over, by what it is ({@code caches}, {@code slabs}, {@code objects}, {@code pages} ...), in the order in
 *     which it is told
 * @param refusal why a successor did not take over, one line; empty if nothing was refused
 * @param verify what a check of the whole machine found before the lock opened
 */
public record ExchangeReport(
        Exchange.Part part,
        String from,
        String to,
        int drained,
        Map<String, Long> taken,
        String refusal,
        Machine.VerifyResult verify) {
    /** The name of no provider. */
    public static final String NONE = "none";

    /** Keeps an unmodifiable copy, in order. */
    public ExchangeReport {
        taken = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(taken));
    }
}
