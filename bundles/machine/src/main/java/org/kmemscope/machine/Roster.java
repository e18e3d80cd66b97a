package org.kmemscope.machine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;

/**
 * The providers of one part that are present, best first: by service ranking, then the newer version of a bundle, then who came first.
 *
 * @param <P> type of the provider
 */
final class Roster<P> {
    private static final Comparator<Candidate<?>> BEST_FIRST = Comparator.<Candidate<?>>comparingInt(Candidate::ranking)
            .thenComparing(Candidate::version)
            .reversed()
            .thenComparingLong(Candidate::id);

    private final Function<P, String> nameOf;
    private volatile List<Candidate<P>> candidates = List.of();

    private record Candidate<P>(P provider, String name, int ranking, Version version, long id) {}

    Roster(Function<P, String> nameOf) {
        this.nameOf = nameOf;
    }

    synchronized void add(P provider, ServiceReference<P> reference) {
        List<Candidate<P>> more = new ArrayList<>(candidates);
        more.add(new Candidate<>(
                provider,
                nameOf.apply(provider),
                reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0,
                reference.getBundle().getVersion(),
                (Long) reference.getProperty(Constants.SERVICE_ID)));
        more.sort(BEST_FIRST);
        candidates = List.copyOf(more);
    }

    synchronized void remove(P provider) {
        candidates = candidates.stream()
                .filter(candidate -> candidate.provider != provider)
                .toList();
    }

    /** Names, best first, each once. */
    List<String> names() {
        return candidates.stream().map(Candidate::name).distinct().toList();
    }

    boolean has(P provider) {
        return candidates.stream().anyMatch(candidate -> candidate.provider == provider);
    }

    /** The best with a name. */
    Optional<P> best(String name) {
        return candidates.stream()
                .filter(candidate -> candidate.name.equals(name))
                .map(Candidate::provider)
                .findFirst();
    }

    /** All, those first whose names stand in a list, in its order. */
    List<P> inOrder(List<String> preferred) {
        return candidates.stream()
                .sorted(Comparator.comparingInt(candidate -> {
                    int place = preferred.indexOf(candidate.name);
                    return place < 0 ? preferred.size() : place;
                }))
                .map(Candidate::provider)
                .toList();
    }
}
