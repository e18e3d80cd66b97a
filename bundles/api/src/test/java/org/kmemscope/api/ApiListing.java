package org.kmemscope.api;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Everything of the API that others can see, one line each:
 *
 * <pre>
 *   package org.kmemscope.api.slab 0.1.0
 *   org.kmemscope.api.slab.ObjectAllocator: provider interface extends Part
 *   org.kmemscope.api.slab.ObjectAllocator: abstract long kmalloc(long, int)
 * </pre>
 *
 * <p>The versions of packages are those in the bundle's manifest.
 *
 * @param versions version of each package
 * @param lines the lines of each package, sorted
 */
record ApiListing(Map<String, String> versions, Map<String, TreeSet<String>> lines) {
    private static final Path CLASSES = Path.of("target/classes");
    private static final Pattern EXPORTED = Pattern.compile("(org\\.kmemscope\\.api[.\\w]*);version=\"([^\"]+)\"");
    private static final Pattern PACKAGE = Pattern.compile("package (\\S+) (\\S+)");
    private static final Pattern TYPE_PREFIX = Pattern.compile("\\b(?:[a-z]\\w*\\.)+(?=[A-Z])");

    // ---- of the classes

    static ApiListing ofClasses() {
        Map<String, String> versions = exported();
        Map<String, TreeSet<String>> lines = new TreeMap<>();
        versions.keySet().forEach(name -> lines.put(name, new TreeSet<>()));
        for (JavaClass type : new ClassFileImporter().importPath(CLASSES)) {
            boolean exported = versions.containsKey(type.getPackageName());
            if (exported && isVisible(type)) {
                describe(type, lines.get(type.getPackageName()));
            }
        }
        return new ApiListing(versions, lines);
    }

    private static Map<String, String> exported() {
        try (InputStream in = Files.newInputStream(CLASSES.resolve("META-INF/MANIFEST.MF"))) {
            Matcher matcher = EXPORTED.matcher(new Manifest(in)
                    .getMainAttributes()
                    .getValue("Export-Package")
                    .replaceAll("uses:=\"[^\"]*\";?", ""));
            Map<String, String> versions = new TreeMap<>();
            while (matcher.find()) {
                versions.put(matcher.group(1), matcher.group(2));
            }
            return versions;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isVisible(JavaClass type) {
        Class<?> reflected = type.reflect();
        boolean visible = !type.isAnonymousClass() && !type.getSimpleName().equals("package-info");
        for (Class<?> at = reflected; visible && at != null; at = at.getDeclaringClass()) {
            visible = isVisible(at.getModifiers());
        }
        return visible;
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static void describe(JavaClass imported, TreeSet<String> lines) {
        Class<?> type = imported.reflect();
        String prefix = type.getTypeName().replace('$', '.') + ": ";
        lines.add(prefix + role(imported) + kind(type) + parents(type));
        for (Field field : type.getDeclaredFields()) {
            if (isVisible(field.getModifiers()) && !field.isSynthetic()) {
                lines.add(prefix
                        + (field.isEnumConstant()
                                ? "constant " + field.getName()
                                : flags(field.getModifiers()) + name(field.getGenericType()) + " " + field.getName()));
            }
        }
        if (type.isRecord()) {
            lines.add(prefix + "components "
                    + Arrays.stream(type.getRecordComponents())
                            .map(ApiListing::component)
                            .collect(Collectors.joining(", ")));
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isVisible(constructor.getModifiers()) && !constructor.isSynthetic() && !isImplied(constructor)) {
                lines.add(prefix + "new " + parameters(constructor.getGenericParameterTypes()));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isVisible(method.getModifiers()) && !method.isSynthetic() && !isImplied(method)) {
                lines.add(prefix
                        + (method.isDefault() ? "default " : flags(method.getModifiers()))
                        + name(method.getGenericReturnType()) + " " + method.getName()
                        + parameters(method.getGenericParameterTypes()));
            }
        }
    }

    /** Whether a record has a constructor because it has its components. */
    private static boolean isImplied(Constructor<?> constructor) {
        Class<?> type = constructor.getDeclaringClass();
        return type.isRecord()
                && Arrays.equals(
                        constructor.getParameterTypes(),
                        Arrays.stream(type.getRecordComponents())
                                .map(RecordComponent::getType)
                                .toArray());
    }

    /** Whether a type has a method because it is a record or an enum. */
    private static boolean isImplied(Method method) {
        Class<?> type = method.getDeclaringClass();
        boolean ofObject = List.of("equals", "hashCode", "toString").contains(method.getName());
        boolean ofComponent = type.isRecord()
                && Arrays.stream(type.getRecordComponents())
                        .anyMatch(component -> component.getAccessor().equals(method));
        return ofObject
                || ofComponent
                || type.isEnum() && List.of("values", "valueOf").contains(method.getName());
    }

    private static String component(RecordComponent component) {
        return name(component.getGenericType()) + " " + component.getName();
    }

    /** Whether users implement a type or only use it. */
    private static String role(JavaClass type) {
        return type.isAnnotatedWith(ProviderType.class)
                ? "provider "
                : type.isAnnotatedWith(ConsumerType.class) ? "consumer " : "";
    }

    private static String kind(Class<?> type) {
        return flags(type.getModifiers() & ~Modifier.INTERFACE & ~(type.isInterface() ? Modifier.ABSTRACT : 0))
                + (type.isAnnotation()
                        ? "annotation"
                        : type.isInterface()
                                ? "interface"
                                : type.isRecord() ? "record" : type.isEnum() ? "enum" : "class");
    }

    private static String flags(int modifiers) {
        int shown = modifiers & (Modifier.STATIC | Modifier.FINAL | Modifier.ABSTRACT | Modifier.PROTECTED);
        return shown == 0 ? "" : Modifier.toString(shown) + " ";
    }

    private static String parents(Class<?> type) {
        List<String> parents = new ArrayList<>();
        Type above = type.getGenericSuperclass();
        if (above != null && !type.isRecord() && !type.isEnum() && above != Object.class) {
            parents.add(name(above));
        }
        Arrays.stream(type.getGenericInterfaces()).map(ApiListing::name).forEach(parents::add);
        return parents.isEmpty() ? "" : " extends " + String.join(", ", parents);
    }

    private static String parameters(Type[] types) {
        return Arrays.stream(types).map(ApiListing::name).collect(Collectors.joining(", ", "(", ")"));
    }

    /** A type without the packages in its name. */
    private static String name(Type type) {
        return TYPE_PREFIX.matcher(type.getTypeName().replace('$', '.')).replaceAll("");
    }

    // ---- as text

    String text() {
        StringBuilder text = new StringBuilder();
        lines.forEach((name, ofPackage) -> {
            text.append("package ")
                    .append(name)
                    .append(' ')
                    .append(versions.get(name))
                    .append('\n');
            ofPackage.forEach(line -> text.append(line).append('\n'));
        });
        return text.toString();
    }

    static ApiListing parse(List<String> text) {
        Map<String, String> versions = new TreeMap<>();
        Map<String, TreeSet<String>> lines = new TreeMap<>();
        String current = "";
        for (String line : text) {
            Matcher matcher = PACKAGE.matcher(line);
            if (matcher.matches()) {
                current = matcher.group(1);
                versions.put(current, matcher.group(2));
                lines.put(current, new TreeSet<>());
            } else if (!line.isBlank() && !line.startsWith("#")) {
                lines.get(current).add(line);
            }
        }
        return new ApiListing(versions, lines);
    }
}
