package org.kmemscope.slub;

/**
 * The parts between the slabs and the ways of objects, which need each other.
 *
 * @param freeLists lists through objects
 * @param lists lists of the node
 * @param debugging debug flags
 * @param maker slabs from pages
 * @param partials partial slabs of CPUs
 * @param deactivation how a CPU gives up its slab
 * @param finder what an address is
 * @param complaints words about wrong pointers
 */
record Parts(
        FreeLists freeLists,
        NodeLists lists,
        Debugging debugging,
        SlabMaker maker,
        CpuPartials partials,
        Deactivation deactivation,
        ObjectFinder finder,
        Complaints complaints) {
    static Parts of(Basis basis) {
        FreeLists freeLists = new FreeLists(basis);
        NodeLists lists = new NodeLists(basis.slabs());
        Debugging debugging = new Debugging(basis, freeLists, lists);
        SlabMaker maker = new SlabMaker(basis, freeLists, debugging);
        CpuPartials partials = new CpuPartials(basis, lists, maker);
        ObjectFinder finder = new ObjectFinder(basis, freeLists);
        return new Parts(
                freeLists,
                lists,
                debugging,
                maker,
                partials,
                new Deactivation(basis, freeLists, lists, partials, maker, debugging),
                finder,
                new Complaints(basis, finder));
    }
}
