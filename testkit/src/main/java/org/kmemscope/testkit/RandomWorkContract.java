package org.kmemscope.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kmemscope.testkit.KmallocContract.shrinkAll;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Random work against the naive model. */
interface RandomWorkContract extends ObjectContract {
    /** Short work, after each step of which every layer is checked; what fails is made as short as it can be. */
    @Property(tries = 25)
    default void everyStepLeavesAllLayersInAgreement(@ForAll @Size(max = 250) List<Integer> steps) {
        TestMachine machine = TestMachine.boot(SMALL_MACHINE, provider());
        ObjectModel model = new ObjectModel(machine);
        model.addCaches();
        for (int step : steps) {
            model.step(step);
            machine.verify();
        }
        model.freeAll();
        machine.verify();
    }

    /** Long work in waves: memory fills, is given back in another order, and fills again. */
    @TestFactory
    default Stream<DynamicTest> longWorkLeavesNothingBehind() {
        return onEachMachine(machine -> {
            long free = machine.freePages();
            for (int round = 0; round < 3; round++) {
                ObjectModel model = new ObjectModel(machine);
                model.addCaches();
                Random random = new Random(round);
                for (int step = 0; step < 4000; step++) {
                    model.step(random.nextInt());
                }
                model.check();
                machine.verify();
                model.freeAll();
                machine.machine().tick(1);
                model.caches().forEach(cache -> assertThat(machine.objects().destroyCache(cache))
                        .isTrue());
                shrinkAll(machine);
                assertThat(free - machine.freePages()).isLessThan(keptPages());
            }
        });
    }

    @TestFactory
    default Stream<DynamicTest> aCopyMadeInMidWorkGoesOnWithTheSameAnswers() {
        return onEachMachine(machine -> {
            ObjectModel model = new ObjectModel(machine);
            model.addCaches();
            Random random = new Random(1);
            random.ints(3000).forEach(model::step);
            TestMachine copy = machine.fork();
            copy.verify();
            ObjectModel modelOfCopy = model.in(copy);
            for (int step = 0; step < 3000; step++) {
                int number = random.nextInt();
                assertThat(modelOfCopy.step(number)).isEqualTo(model.step(number));
            }
            assertThat(copy.machine().views().slabCaches())
                    .isEqualTo(machine.machine().views().slabCaches());
            assertThat(copy.machine().views().zones())
                    .isEqualTo(machine.machine().views().zones());
            model.check();
            modelOfCopy.check();
            copy.verify();
            model.freeAll();
            modelOfCopy.check();
        });
    }
}
