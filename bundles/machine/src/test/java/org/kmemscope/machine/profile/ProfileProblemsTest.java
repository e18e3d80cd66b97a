package org.kmemscope.machine.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mistake in a profile is told in one line that names file, line, column and key. */
class ProfileProblemsTest {
    private static final String GOOD = """
            {
              "title": "a machine",
              "kernel": { "version": "2.6.24", "structPage": 32, "image": { "text": "00100000-003fffff" } },
              "config": { "CONFIG_HIGHMEM4G": "y", "CONFIG_SMP": "y", "CONFIG_NR_CPUS": 4 },
              "arch": { "family": "i386" },
              "cpus": 1,
              "memory": [
                { "start": "0x0", "size": "64M" },
                { "start": "0x10000000", "size": "64M" }
              ],
              "devices": [
                { "name": "dma0", "kind": "dma-controller", "dmaMask": 32, "base": "0xfeb00000", "size": "4k", "irq": 9 }
              ],
              "providers": { "page": "buddy", "object": ["slab"] }
            }
            """;

    @Test
    void theTemplateItselfIsGood() {
        assertThat(load(GOOD, "x").cpus()).isEqualTo(1);
    }

    static Stream<Arguments> mistakesOfForm() {
        return Stream.of(
                // syntax
                mistake(
                        "\"cpus\": 1,",
                        "\"cpus\": ,",
                        "x.json:6:11: Unexpected character (',' (code 44)): expected a valid value"),
                mistake("\"cpus\": 1,", "\"cpus\": 1, \"cpus\": 2,", "x.json:6:14: cpus: the key is there twice"),
                // keys
                mistake("\"cpus\": 1,", "\"cpu\": 1,", "x.json:6:3: cpu: unknown key; did you mean 'cpus'?"),
                mistake(
                        "\"size\": \"64M\" },",
                        "\"length\": \"64M\", \"size\": \"64M\" },",
                        "x.json:8:23: memory[0].length: unknown key; there are start, size, end, kind, name"),
                mistake("\"title\": \"a machine\",", "", "x.json:1:1: missing key 'title'"),
                mistake("\"version\": \"2.6.24\",", "", "x.json:3:13: kernel: missing key 'version'"),
                mistake("\"structPage\": 32,", "", "x.json:3:13: kernel: missing key 'structPage'"),
                mistake("\"family\": \"i386\"", "", "x.json:5:11: arch: missing key 'family'"),
                mistake("\"dmaMask\": 32, ", "", "x.json:12:5: devices[0]: missing key 'dmaMask'"),
                mistake("\"irq\": 9 ", "\"irq\": 9, \"dmamask\": 1 ", "did you mean 'dmaMask'?"),
                mistake(", \"irq\": 9", "", "x.json:12:5: devices[0]: missing key 'irq'"),
                // types
                mistake(
                        "\"cpus\": 1,",
                        "\"cpus\": \"one\",",
                        "x.json:6:11: cpus: must be a whole number, and is \"one\""),
                mistake("\"cpus\": 1,", "\"cpus\": 1.5,", "x.json:6:11: cpus: must be a whole number, and is a number"),
                mistake("\"cpus\": 1,", "\"cpus\": 0,", "x.json:6:11: cpus: 0 is not within 1 and 64"),
                mistake("\"a machine\"", "7", "x.json:2:12: title: must be text, and is a number"),
                mistake(
                        "{ \"family\": \"i386\" }",
                        "\"i386\"",
                        "x.json:5:11: arch: must be an object, and is \"i386\""),
                mistake("\"i386\" }", "\"sparc\" }", "'sparc' is none of i386, arm"),
                mistake(
                        "\"i386\" }",
                        "\"i386\", \"coherentDma\": \"yes\" }",
                        "x.json:5:46: arch.coherentDma: must be true or false, and is \"yes\""),
                mistake("\"i386\" }", "\"i386\", \"cacheLine\": 48 }", "arch.cacheLine: 48 is no power of two"),
                mistake(
                        "\"size\": \"64M\" },",
                        "\"size\": \"64Q\" },",
                        "x.json:8:31: memory[0].size: '64Q' is no size; sizes look like 100, 0x64, 4k, 1M, 2G or 3p (pages)"),
                mistake(
                        "\"size\": \"64M\" },",
                        "\"size\": true },",
                        "memory[0].size: must be a size such as \"1024M\", or an address such as \"0x40000000\","
                                + " and is true or false"));
    }

    static Stream<Arguments> mistakesOfContent() {
        return Stream.of(
                // ranges
                mistake(
                        "0x10000000",
                        "0x10001001",
                        "x.json:9:16: memory[1].start: 0x10001001 is not a multiple of the page size (4096)"),
                mistake(
                        "0x10000000",
                        "0x3fff000",
                        "x.json:9:5: memory[1]: 03fff000-07ffefff overlaps memory[0], 00000000-03ffffff"),
                mistake("\"0x0\", \"size\": \"64M\"", "\"0x0\"", "memory[0]: needs either 'size' or 'end'"),
                mistake("\"size\": \"64M\" },", "\"size\": \"0\" },", "memory[0]: it is empty: 0x0 to 0x0"),
                mistake(
                        "\"64M\" },",
                        "\"64M\", \"kind\": \"rom\" },",
                        "memory[0].kind: 'rom' is none of ram, reserved, device; did you mean 'ram'?"),
                mistake("\"0xfeb00000\"", "\"0x100000\"", "devices[0] 'dma0' has its registers at 00100000-00100fff"),
                mistake(
                        "\"0xfeb00000\"",
                        "\"0x100\"",
                        "devices[0].base: 0x100 is not a multiple of the page size (4096)"),
                mistake("\"dmaMask\": 32", "\"dmaMask\": \"0x1234\"", "devices[0].dmaMask: 0x1234 is no mask"),
                mistake("\"dmaMask\": 32", "\"dmaMask\": 65", "devices[0].dmaMask: 65 is not within 1 and 64"),
                // kernel
                mistake("\"2.6.24\"", "\"two\"", "x.json:3:26: kernel.version: 'two' is no kernel version"),
                mistake(
                        "\"2.6.24\"",
                        "\"2.4.31\"",
                        "x.json:3:26: kernel.version: 2.4.31 is too old: rules are known from 2.6.24 on"),
                mistake(
                        "00100000-003fffff",
                        "1M-4M",
                        "kernel.image.text: '1M-4M' is no range; write it as /proc/iomem"),
                mistake("00100000-003fffff", "00400000-00100000", "00400000-00100000 ends before it begins"),
                mistake(
                        "\"00100000-003fffff\"",
                        "\"00100000-003fffff\", \"data\": \"00300000-004fffff\"",
                        "kernel.image.data: 00300000-004fffff overlaps .text"),
                mistake(
                        "00100000-003fffff",
                        "08000000-08000fff",
                        "x.json:3:63: kernel.image: Kernel code at 08000000-08000fff is not in RAM"),
                mistake(
                        "\"i386\"",
                        "\"arm\"",
                        "x.json:3:13: kernel: missing key 'vmallocEnd': before 3.3 each ARM board has its own VMALLOC_END"),
                // options
                mistake(
                        "CONFIG_HIGHMEM4G",
                        "CONFIG_HIGHMEN4G",
                        "x.json:4:15: config.CONFIG_HIGHMEN4G: unknown option; did you mean CONFIG_HIGHMEM4G?"),
                mistake(
                        "CONFIG_HIGHMEM4G",
                        "CONFIG_BTRFS_FS_POSIX_ACL",
                        "unknown option; docs/profiles.md lists those"),
                mistake("CONFIG_SMP", "SMP", "config.SMP: options are written with their prefix: CONFIG_SMP"),
                mistake(
                        "\"CONFIG_SMP\": \"y\"",
                        "\"CONFIG_SMP\": true",
                        "config.CONFIG_SMP: must be \"y\", \"m\" or \"n\""),
                mistake("_CPUS\": 4", "_CPUS\": \"many\"", "config.CONFIG_NR_CPUS: must be a whole number"),
                mistake(
                        "\"CONFIG_SMP\": \"y\"",
                        "\"CONFIG_PAGE_OFFSET\": 3",
                        "CONFIG_PAGE_OFFSET: must be a hexadecimal number such as \"0xC0000000\""),
                mistake(
                        "\"CONFIG_SMP\": \"y\"",
                        "\"CONFIG_HIGHMEM64G\": \"y\"",
                        "config.CONFIG_HIGHMEM64G: a kernel with CONFIG_HIGHMEM4G cannot have it too"),
                // what needs the whole
                mistake(
                        "\"cpus\": 1",
                        "\"cpus\": 8",
                        "x.json:6:11: cpus: the kernel of x was built for at most 4 (CONFIG_NR_CPUS=4)"),
                mistake(
                        "\"CONFIG_SMP\": \"y\", ",
                        "\"CONFIG_SMP\": \"n\", ",
                        "2",
                        "cpus=2: the kernel of x was built for at" + " most 1 (no CONFIG_SMP)"),
                mistake(
                        "\"64M\" },",
                        "\"4M\" },",
                        "x.json:7:13: memory: the RAM around the kernel has no room to boot (its kernel image takes 3072 KiB)"),
                mistake("\"object\": [\"slab\"]", "\"object\": []", "providers.object: names no implementation"),
                mistake("\"object\": ", "\"objects\": ", "providers.objects: unknown key; did you mean 'object'?"));
    }

    @ParameterizedTest
    @MethodSource({"mistakesOfForm", "mistakesOfContent"})
    void isToldInOneLine(String json, String cpus, String message) {
        String specification = cpus.isEmpty() ? "x" : "x,cpus=" + cpus;
        ProfileException problem = catchThrowableOfType(ProfileException.class, () -> load(json, specification));
        assertThat(problem).as(json).isNotNull();
        assertThat(problem.problems()).anySatisfy(line -> assertThat(line).contains(message));
        assertThat(problem.problems()).allSatisfy(line -> assertThat(line).doesNotContain("\n"));
        assertThat(problem.getMessage()).startsWith(problem.problems().get(0));
    }

    @Test
    void allMistakesOfAFileAreToldAtOnce() {
        String json = GOOD.replace("\"title\": \"a machine\",", "")
                .replace("CONFIG_SMP", "CONFIG_SPM")
                .replace("0x10000000", "0x10000001");
        ProfileException problem = catchThrowableOfType(ProfileException.class, () -> load(json, "x"));
        assertThat(problem.problems()).hasSize(3);
        assertThat(problem).hasMessageEndingWith("(and 2 more)");
    }

    @Test
    void anEmptyFileIsNoProfile() {
        assertThat(catchThrowableOfType(ProfileException.class, () -> load("", "x")))
                .hasMessage("x.json:1:1: the file is empty");
        assertThat(catchThrowableOfType(ProfileException.class, () -> load("[]", "x")))
                .hasMessage("x.json:1:1: must be an object, and is a list");
        assertThat(catchThrowableOfType(ProfileException.class, () -> load("{} 3", "x")))
                .hasMessage("x.json:1:4: nothing may follow the last brace");
    }

    @Test
    void aRuleForMemoryNeedsASize() {
        String rule = GOOD.replaceAll("(?s)\"memory\": \\[.*?\\]", "\"memory\": \"qemu-pcc\"");
        assertThat(catchThrowableOfType(ProfileException.class, () -> load(rule, "x"))
                        .problems())
                .isEqualTo(List.of(
                        "x.json:7:13: memory: there is no rule 'qemu-pcc'; did you mean 'qemu-pc'?",
                        "x.json:1:1: missing key 'mem'"));
    }

    static org.kmemscope.api.ground.Profile load(String json, String specification) {
        MachineSpecification asked = MachineSpecification.parse(specification);
        return new Assembly(ProfileFile.of("x", JsonFile.parse("x.json", json)), asked).profile();
    }

    private static Arguments mistake(String good, String bad, String message) {
        return mistake(good, bad, "", message);
    }

    private static Arguments mistake(String good, String bad, String cpus, String message) {
        if (!GOOD.contains(good)) {
            throw new IllegalArgumentException("the template has no " + good);
        }
        return Arguments.of(GOOD.replaceFirst(java.util.regex.Pattern.quote(good), bad), cpus, message);
    }
}
