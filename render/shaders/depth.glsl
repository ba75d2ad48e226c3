// What a pixel of the depth picture holds: metres along the eye's -z, the mean over what the pixel shows, weighted as it
// is blended; 0 where less than a tenth covers it: an edge that thin is as good as nothing there.

const float COVERED = 0.1;

float mean_depth(float sum, float alpha) {
    return alpha < COVERED ? 0.0 : sum / alpha;
}
