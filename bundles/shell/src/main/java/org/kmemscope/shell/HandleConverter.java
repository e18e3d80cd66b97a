package org.kmemscope.shell;

import org.apache.felix.service.command.Converter;
import org.kmemscope.shell.command.Handle;

/** Shows Gogo how the answers of commands are printed. */
final class HandleConverter implements Converter {
    @Override
    public Object convert(Class<?> desiredType, Object in) {
        // commands take words and read them themselves: Gogo swallows what a converter has to say about a wrong one
        return null;
    }

    @Override
    public CharSequence format(Object target, int level, Converter escape) {
        return target instanceof Handle handle ? handle.display() : null;
    }
}
