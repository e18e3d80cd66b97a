package org.kmemscope.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.kmemscope.itests.Kmemscope.Outcome;
import org.kmemscope.itests.stress.StressActivator;

/**
 * Allocators are exchanged at random moments in the real framework, while threads allocate and free; each object is checked after each
 * exchange. {@code -Dkmemscope.stress=full} does it with a million objects and hundreds of exchanges, whose figures stand in
 * {@code docs/exchange.md}.
 */
class ExchangeStressIT {
    private static final boolean FULL = "full".equals(System.getProperty("kmemscope.stress"));
    private static final String SIZE = FULL ? "objects=1050000 swaps=300" : "objects=12000 swaps=40";
    private static final Duration LIMIT = Duration.ofMinutes(FULL ? 60 : 4);

    @Test
    void nothingIsLostInHundredsOfExchangesUnderLoad() throws IOException {
        Path bundle = TestBundle.of(StressActivator.class, "exchange_stress");
        Path script = Kmemscope.scratch().resolve("stress.gosh");
        Files.writeString(script, "insmod " + bundle + " " + SIZE + " seed=7\nrmmod exchange_stress\nverify\n");

        Outcome outcome =
                Kmemscope.runFor(LIMIT, "-m", FULL ? "i386-4g,cpus=4" : "i386-1g,cpus=4", "run", script.toString());

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.err())
                .contains("exchange_stress: everything is freed, nothing contradicts")
                .contains("objects taken over")
                .doesNotContain("leaked");
        assertThat(outcome.out()).contains("no contradiction");
        outcome.err()
                .lines()
                .filter(line -> line.contains("exchange_stress: "))
                .map(line -> line.substring(line.indexOf("exchange_stress: ")))
                .forEach(System.out::println);
    }
}
