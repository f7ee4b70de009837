// SPDX-License-Identifier: GPL-2.0
#include "cost.h"

#include <errno.h>
#include <unistd.h>

#include "measure.h"
#include "priv.h"
#include "report.h"

enum { MEDIAN_ALONE = 3000 };	/* samples: enough for a median */

/* The getppid; *@row gets its statistics. */
static int getppid_now(size_t samples, uint64_t kernel_khz, struct report_row *row,
		       const char **what)
{
	const struct measure_config config = {
		.via = MEASURE_GETPPID, .fd = -1, .cpu = -1, .samples = samples,
	};
	struct measure_result result;
	struct report report;
	int err;

	*what = "measuring getppid";
	err = measure_run(&config, &result, what);
	if (!err && !result.n)
		err = -EAGAIN;
	if (!err) {
		report_evaluate(&report, &config, &result, kernel_khz);
		*row = report.rows[MEASURE_TOTAL];
	}
	measure_free(&result);
	return err;
}

/* What a watch of @pid adds to our own getppid. */
static int added(const struct cost *cost, struct netlink *netlink, __u32 pid, __u32 flags,
		 int64_t *more, const char **what)
{
	struct report_row row = { 0 };
	__u32 watch;
	int err;

	*what = "a watch";
	priv_net(true);
	err = netlink_watch_add(netlink, &pid, 1, flags, &watch);
	priv_net(false);
	if (err)
		return err;
	err = getppid_now(MEDIAN_ALONE, 0, &row, what);
	*more = row.stats.median - cost->crossing;
	priv_net(true);
	netlink_watch_del(netlink, watch);
	priv_net(false);
	return err;
}

int cost_measure(struct cost *cost, struct netlink *netlink, __u32 flags, uint64_t kernel_khz,
		 const char **what)
{
	struct report_row row;
	int err = getppid_now(MEASURE_SAMPLES, kernel_khz, &row, what);

	if (err)
		return err;
	*cost = (struct cost){
		.crossing = row.stats.median, .low = row.low, .high = row.high,
		.spread = row.spread,
	};
	err = added(cost, netlink, (__u32)getpid(), flags, &cost->watched, what);
	return err ? err : added(cost, netlink, 1, flags, &cost->other, what);
}
