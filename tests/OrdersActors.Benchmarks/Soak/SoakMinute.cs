using System.Globalization;

namespace OrdersActors.Benchmarks.Soak;

/// <summary>What one minute of the soak has measured.</summary>
/// <param name="Deliveries">Events that have arrived, per second.</param>
/// <param name="ResidentBytes">The server's resident memory.</param>
/// <param name="LiveHeap">The server's live heap at the last garbage collection; 0 if unknown.</param>
/// <param name="Cpu">The server's CPU time, as a part of one core.</param>
/// <param name="P50">The median latency, in milliseconds.</param>
/// <param name="P99">The latency of 99 of 100 deliveries, in milliseconds.</param>
/// <param name="Reconnects">Connections that came back.</param>
/// <param name="Warnings">Lines of the server's log at warning and above.</param>
internal sealed record SoakMinute(
    double Deliveries, double ResidentBytes, double LiveHeap, double Cpu, double P50, double P99, long Reconnects,
    int Warnings)
{
    public const string Header =
        "minute  deliveries/s  memory MiB  live heap MiB  CPU %    p50 ms    p99 ms  reconnects  warnings";

    private const double MiB = 1024 * 1024;

    /// <summary>The line that is printed.</summary>
    public string ToLine(int minute) => string.Create(
        CultureInfo.InvariantCulture,
        $"{minute,6}  {Deliveries,12:0}  {ResidentBytes / MiB,10:0.0}  {LiveHeap / MiB,13:0.0}  {Cpu * 100,5:0.0}  "
        + $"{P50,8:0.00}  {P99,8:0.00}  {Reconnects,10}  {Warnings,8}");
}
