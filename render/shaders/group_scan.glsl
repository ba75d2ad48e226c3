// Prefix sums within a workgroup of LOCAL invocations (Hillis and Steele 1986), to be called by all of them at once.

shared uint scanned[LOCAL];

// All invocations of the workgroup have come here, and see what the others wrote to shared memory before.
void meet() {
    memoryBarrierShared();
    barrier();
}

// The sum of the values of all lanes before this one.
uint sum_before(uint lane, uint value) {
    scanned[lane] = value;
    meet();
    for (uint reach = 1u; reach < uint(LOCAL); reach *= 2u) {
        uint more = lane >= reach ? scanned[lane - reach] : 0u;
        meet();
        scanned[lane] += more;
        meet();
    }
    return scanned[lane] - value;
}
