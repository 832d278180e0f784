using System.Text.Json;

namespace OrdersActors.Checker.Trouble;

/// <summary>The names of the kinds, and the kinds that a run uses.</summary>
internal static class TroubleKinds
{
    /// <summary>The names on the command line, such as <c>rolling-restart</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<TroubleKind>().Select(kind => kind.Name())];

    public static string Name(this TroubleKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName($"{kind}");

    public static TroubleKind Parse(string name) =>
        Enum.GetValues<TroubleKind>().Single(kind => kind.Name().Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it affects one server, and not all servers or the database.</summary>
    public static bool IsOfOneServer(this TroubleKind kind) =>
        kind is TroubleKind.Kill or TroubleKind.Stop or TroubleKind.Restart or TroubleKind.NetworkCut;

    /// <summary>
    /// The fault to make when a round demands <paramref name="kind"/>. An upgrade and a rollback take turns, whatever
    /// their order in the round is.
    /// </summary>
    /// <param name="kind">The kind of the round.</param>
    /// <param name="isUpgraded">Whether the servers run this version.</param>
    public static TroubleKind Due(this TroubleKind kind, bool isUpgraded) => kind switch
    {
        TroubleKind.Upgrade or TroubleKind.Rollback => isUpgraded ? TroubleKind.Rollback : TroubleKind.Upgrade,
        _ => kind,
    };

    /// <summary>One round of faults of a run. A kill comes twice, because it is the most important one.</summary>
    public static IReadOnlyList<TroubleKind> RoundOf(CheckOptions options)
    {
        TroubleKind[] one = [TroubleKind.Kill, TroubleKind.Kill, TroubleKind.Restart];
        TroubleKind[] several = [TroubleKind.RollingRestart, TroubleKind.DatabaseRestart, TroubleKind.DatabaseKill];
        TroubleKind[] versions = [TroubleKind.Upgrade, TroubleKind.Rollback];
        TroubleKind[] round =
        [
            .. one,
            .. options.StopFor > 0 ? [TroubleKind.Stop] : Array.Empty<TroubleKind>(),
            .. options.IsCluster ? several : [],
            .. options.LoseCommits > 0 ? [TroubleKind.LostCommits] : Array.Empty<TroubleKind>(),
            .. options.IsCluster && options.CutNetwork > 0 ? [TroubleKind.NetworkCut] : Array.Empty<TroubleKind>(),
            .. options.IsCluster && options.PreviousServer is not null ? versions : [],
        ];
        return options.KillEvery.Most == 0 ? []
            : options.Troubles.Count == 0 ? round
            : [.. round.Where(options.Troubles.Contains)];
    }

    /// <summary>Endless rounds, each in random order, so that every kind occurs soon and none is predictable.</summary>
    public static IEnumerable<T> Shuffle<T>(IReadOnlyList<T> round, Random random)
    {
        while (round.Count > 0)
        {
            T[] next = [.. round];
            random.Shuffle(next);
            foreach (var kind in next)
            {
                yield return kind;
            }
        }
    }
}
