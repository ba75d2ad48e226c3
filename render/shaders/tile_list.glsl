// What a tile is to draw, out of the list of its bin (bin_fill.glsl).

#include "plan.glsl"

layout(std430, binding = 1) readonly buffer Plan { BinPlan plan; };
layout(std430, binding = 2) readonly buffer Starts { uint starts[]; };
layout(std430, binding = 3) readonly buffer Lists { uint lists[]; };

uint list_next;
uint list_end;
uint list_quarter;   // the bit of an entry that says whether it touches the quarter in which the tile lies

void open_list(uvec2 tile, uint eye) {
    uvec2 quarter = tile >> (max(plan.shift, 1u) - 1u), at = quarter >> min(plan.shift, 1u);
    uint bin = eye * plan.each + at.y * plan.columns + at.x;
    list_next = starts[bin];
    list_end = starts[bin + 1u];
    list_quarter = 1u << (24u + (quarter.x & 1u) + 2u * (quarter.y & 1u));
}

// The next splat, or false at the end. What lies in other quarters is left out by a loop of its own: a software GPU skips
// nothing but by leaving a loop.
bool next_splat(out uint splat) {
    uint entry = 0u;
    while (list_next < list_end && entry == 0u) {
        uint each = lists[list_next++];
        entry = (each & list_quarter) != 0u ? each : 0u;
    }
    splat = entry & 0xffffffu;
    return entry != 0u;
}
