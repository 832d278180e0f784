using System.Diagnostics;
using System.Globalization;

namespace OrdersActors.Benchmarks.Scaling;

/// <summary>
/// A control group of Linux for the CPU time of some processes, in version 1 or 2 of control groups. It needs root.
/// </summary>
/// <remarks>
/// Beside other load of the machine a group could not use its quota. So all groups have many times the weight of an
/// ordinary process.
/// </remarks>
internal sealed class CpuGroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";

    // The names of the hierarchy for CPU time in version 1.
    private static readonly string[] Hierarchies = ["cpu", "cpu,cpuacct"];

    // The quota counts in each period. The kernel's default.
    private const int PeriodMicroseconds = 100_000;

    // Relative to the default weights: 1024 in version 1 and 100 in version 2.
    private const int Weight = 20;

    private static readonly TimeSpan RemoveTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RemovePause = TimeSpan.FromMilliseconds(100);

    private readonly string _parent;
    private readonly string _folder;
    private readonly bool _isUnified;

    private CpuGroup(string parent, bool isUnified, string name)
    {
        (_parent, _isUnified) = (parent, isUnified);
        _folder = Path.Combine(parent, name);
    }

    /// <summary>Creates a group without a quota.</summary>
    /// <exception cref="InvalidOperationException">This machine does not permit it; the message says why.</exception>
    public static CpuGroup Create(string name)
    {
        try
        {
            var group = Find(string.Create(CultureInfo.InvariantCulture, $"orders-{Environment.ProcessId}-{name}"));
            Directory.CreateDirectory(group._folder);
            group.Write(group._isUnified ? "cpu.weight" : "cpu.shares", (group._isUnified ? 100 : 1024) * Weight);
            return group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"this machine permits no CPU control groups: {e.Message}", e);
        }
    }

    /// <summary>Moves a process into the group. Its later child processes belong to the group, too.</summary>
    public void Add(int processId) => Write("cgroup.procs", processId);

    /// <summary>Limits the CPU time of all processes of the group together.</summary>
    /// <param name="percent">The limit, in percent of a core.</param>
    public void Limit(int percent)
    {
        var quota = percent * PeriodMicroseconds / 100;
        if (_isUnified)
        {
            File.WriteAllText(
                Path.Combine(_folder, "cpu.max"),
                string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodMicroseconds}"));
        }
        else
        {
            Write("cpu.cfs_period_us", PeriodMicroseconds);
            Write("cpu.cfs_quota_us", quota);
        }
    }

    /// <summary>The periods so far, and those in which the group has used its whole quota.</summary>
    public (long Periods, long Throttled) Statistics()
    {
        var values = File.ReadLines(Path.Combine(_folder, "cpu.stat")).Select(line => line.Split(' '))
            .ToDictionary(pair => pair[0], pair => long.Parse(pair[1], CultureInfo.InvariantCulture));
        return (values["nr_periods"], values["nr_throttled"]);
    }

    /// <summary>
    /// Removes the group. Processes that still run go back to the parent group. The kernel refuses while a process of
    /// the group ends, so this retries.
    /// </summary>
    /// <exception cref="IOException">The group still has a process after the timeout.</exception>
    public void Dispose()
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!TryRemove(isLast: Stopwatch.GetElapsedTime(startedAt) > RemoveTimeout))
        {
            Thread.Sleep(RemovePause);
        }
    }

    private bool TryRemove(bool isLast)
    {
        try
        {
            foreach (var process in File.ReadLines(Path.Combine(_folder, "cgroup.procs")).ToArray())
            {
                File.WriteAllText(Path.Combine(_parent, "cgroup.procs"), process);
            }

            Directory.Delete(_folder);
            return true;
        }
        catch (IOException) when (!isLast)
        {
            return false;
        }
    }

    private static CpuGroup Find(string name)
    {
        if (File.Exists(Path.Combine(Root, "cgroup.controllers")))
        {
            File.WriteAllText(Path.Combine(Root, "cgroup.subtree_control"), "+cpu");
            return new CpuGroup(Root, isUnified: true, name);
        }

        var hierarchy = Hierarchies.Select(folder => Path.Combine(Root, folder))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "cgroup.procs")));
        return hierarchy is null
            ? throw new InvalidOperationException($"this machine has no CPU control groups in {Root}")
            : new CpuGroup(hierarchy, isUnified: false, name);
    }

    private void Write(string file, int value) =>
        File.WriteAllText(Path.Combine(_folder, file), value.ToString(CultureInfo.InvariantCulture));
}
