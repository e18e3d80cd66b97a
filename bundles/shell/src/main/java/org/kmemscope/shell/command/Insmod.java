package org.kmemscope.shell.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kmemscope.api.kernel.KernelModule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code insmod}. */
@Command(
        name = "insmod",
        description = "Loads a module onto the current machine and runs its module_init.",
        footerHeading = "%nExample:%n",
        footer = "  insmod article")
final class Insmod extends KmemCommand {
    @Parameters(
            index = "0",
            paramLabel = "MODULE",
            description = "Name of a module (lsmod -a shows them), or path of a bundle.",
            completionCandidates = Candidates.InstalledModules.class)
    private String module;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME=VALUE", description = "Parameters of the module.")
    private List<String> settings = List.of();

    @Override
    Object run(Call call) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            parameters.put(
                    equals < 0 ? setting : setting.substring(0, equals),
                    equals < 0 ? "" : setting.substring(equals + 1));
        }
        int result = call.desk().modules().insmod(call.machine(), module, parameters);
        if (result != 0) {
            throw new Failure("could not insert module " + module + ": " + reason(-result));
        }
        return NOTHING;
    }

    /** {@code strerror()}. */
    private static String reason(int errno) {
        return switch (errno) {
            case KernelModule.EIO -> "Input/output error";
            case KernelModule.ENOMEM -> "Cannot allocate memory";
            case KernelModule.ENODEV -> "No such device";
            case KernelModule.EINVAL -> "Invalid argument";
            case 14 -> "Bad address";
            case 16 -> "Device or resource busy";
            case 17 -> "File exists";
            default -> "error " + errno;
        };
    }
}
