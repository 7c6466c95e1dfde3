// Command fortio sends requests at a rate, as `fortio load -uniform` does, and says in JSON what they took.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
	"slices"
	"syscall"
	"time"

	"fortio.org/fortio/fhttp"
	"fortio.org/fortio/periodic"
	fortiolog "fortio.org/log"
)

// latencies keeps each one, by thread: fortio's own histogram has buckets too wide for a difference of a few percent.
type latencies [][]float64

func (all latencies) Start(ctx context.Context, _ periodic.ThreadID, _ int64, _ time.Time) context.Context {
	return ctx
}

func (all latencies) Report(_ context.Context, thread periodic.ThreadID, _ int64, _ time.Time, seconds float64, _ bool, _ string) {
	all[thread] = append(all[thread], seconds*1000)
}

func (all latencies) Info() string { return "latencies" }

// cpuSeconds is what the process has used so far.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func main() {
	url := flag.String("url", "", "what is asked")
	rate := flag.Float64("rate", 1000, "requests a second")
	seconds := flag.Float64("seconds", 5, "to run")
	connections := flag.Int("connections", 8, "requests side by side")
	kept := flag.Bool("kept", false, "keep connections from one request to the next")
	flag.Parse()

	all := make(latencies, *connections)
	options := fhttp.HTTPRunnerOptions{RunnerOptions: periodic.RunnerOptions{
		QPS:          *rate,
		Duration:     time.Duration(*seconds * float64(time.Second)),
		NumThreads:   *connections,
		Uniform:      true,
		AccessLogger: all,
		Out:          io.Discard,
	}}
	options.Init(*url)
	options.DisableKeepAlive = !*kept
	fortiolog.SetLogLevelQuiet(fortiolog.Error)
	before := cpuSeconds()
	result, err := fhttp.RunHTTPTest(&options)
	if err != nil {
		log.Fatal(err)
	}
	used := cpuSeconds() - before

	sorted := slices.Sorted(slices.Values(slices.Concat(all...)))
	quantile := func(share float64) float64 { return sorted[int(share*float64(len(sorted)-1))] }
	told := map[string]any{
		"answered":   result.RetCodes[200],
		"rate":       result.ActualQPS,
		"cpuSeconds": used,
		"p50":        quantile(0.5),
		"p90":        quantile(0.9),
		"p99":        quantile(0.99),
	}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		log.Fatal(err)
	}
}
