package org.kmemscope.machine.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.kmemscope.api.ground.Profile;
import org.kmemscope.api.machine.Machines.ProfileInfo;

/**
 * The folder of profiles. A machine is asked for as {@code PROFILE[,mem=SIZE][,cpus=N][,OPTION=VALUE...]}; the format of the files is
 * told in {@code docs/profiles.md}.
 *
 * <p>Nothing is kept: a file that was changed is read anew.
 */
public final class Profiles {
    private static final String SUFFIX = ".json";

    private final Path folder;

    /** Profiles of a folder. */
    public Profiles(Path folder) {
        this.folder = folder;
    }

    /** The profiles there are, by name. A file that is wrong has its first problem for a title. */
    public List<ProfileInfo> list() {
        return names().stream().map(this::info).toList();
    }

    /**
     * Reads the profile of a machine.
     *
     * @param specification name of a profile, or path of a file that ends in {@code .json}, and what shall differ from it
     * @throws ProfileException (an {@link IllegalArgumentException}) if the specification or the file is wrong
     */
    public Profile load(String specification) {
        MachineSpecification asked = MachineSpecification.parse(specification);
        return new Assembly(read(asked.profile()), asked).profile();
    }

    /** The first profile, by name, of a kernel with this release. */
    public Optional<Profile> byRelease(String release) {
        for (String name : names()) {
            try {
                if (read(name).kernel().release().equals(release)) {
                    return Optional.of(load(name));
                }
            } catch (ProfileException e) {
                // list() tells what is wrong with it
            }
        }
        return Optional.empty();
    }

    private ProfileFile read(String profile) {
        if (profile.endsWith(SUFFIX)) {
            Path path = Path.of(profile);
            return ProfileFile.of(name(path), JsonFile.read(path));
        }
        List<String> names = names();
        if (!names.contains(profile)) {
            String choice = names.isEmpty()
                    ? "there is none"
                    : "there are " + String.join(", ", Nearest.sorted(profile, names));
            throw new ProfileException("no profile '" + profile + "' in " + folder + "; " + choice);
        }
        return ProfileFile.of(profile, JsonFile.read(folder.resolve(profile + SUFFIX)));
    }

    private ProfileInfo info(String name) {
        try {
            return new ProfileInfo(name, read(name).title());
        } catch (ProfileException e) {
            return new ProfileInfo(name, e.getMessage());
        }
    }

    private List<String> names() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .map(Profiles::name)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new ProfileException(folder + ": cannot be read (" + e.getMessage() + ")");
        }
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - SUFFIX.length());
    }
}
