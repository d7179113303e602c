/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the documentation tells people to type.
 */
#ifndef HACC_DOCUMENTED_H
#define HACC_DOCUMENTED_H

/*
 * Run each line of this file, as the documentation has them and in that order, in a
 * directory of their own, which goes when the test ends; fails if there are fewer.
 */
void documented_run(const char *path, int least);

#endif /* HACC_DOCUMENTED_H */
