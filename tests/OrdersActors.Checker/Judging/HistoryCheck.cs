using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Judging;

/// <summary>Compares the history of the log with what the publishers know.</summary>
internal static class HistoryCheck
{
    public static CounterExample? Find(Evidence evidence)
    {
        var published = evidence.Published.ToDictionary(e => e.Id);
        var stored = new HashSet<string>();
        var versions = new long[evidence.Map.Orders.Count];
        foreach (var shop in evidence.Map.Shops)
        {
            var sequence = 0L;
            var counters = new Dictionary<int, long>();
            foreach (var e in evidence.Truth[shop.Index])
            {
                var wrong = FindNumber(evidence.Map, shop, e, ++sequence, ++versions[e.Order])
                    ?? FindStranger(shop, e, published.GetValueOrDefault(e.Id), stored.Add(e.Id))
                    ?? FindWrongAnswer(shop, e, published[e.Id])
                    ?? FindDisorder(shop, published[e.Id], counters);
                if (wrong is not null)
                {
                    return wrong;
                }
            }
        }

        return evidence.Published
            .Where(e => stored.Contains(e.Id) || !evidence.Rewrites.Any(rewrite => rewrite.MayHaveLost(e)))
            .Select(e => FindLoss(evidence.Map, e, stored)).FirstOrDefault(found => found is not null);
    }

    /// <summary>The number of acknowledged events that the history does not contain.</summary>
    public static int CountTakenBack(Evidence evidence)
    {
        var stored = evidence.Truth.SelectMany(events => events).Select(e => e.Id).ToHashSet();
        return evidence.Published.Count(e => e.Outcome is Outcome.Acknowledged && !stored.Contains(e.Id));
    }

    private static CounterExample? FindNumber(Map map, Shop shop, TruthEvent e, long sequence, long version)
    {
        var order = map.Orders[e.Order];
        return e.Sequence != sequence ? new("the log", shop.Id, $"sequence {sequence}", $"sequence {e.Sequence}")
            : map.ShopOf(e.Order) != shop ? new("the log", shop.Id, "events of its own orders", $"{e.Id} of {order}")
            : e.Version != version ? new("the log", order, $"version {version}", $"version {e.Version}")
            : null;
    }

    private static CounterExample? FindStranger(Shop shop, TruthEvent e, LedgerEvent? published, bool isNew)
    {
        CounterExample Wrong(string expected, string got) => new("the log", shop.Id, expected, got);

        return published is null ? Wrong("only published events", $"{e.Id}, which nobody published")
            : published.IsBad
                ? Wrong($"{e.Id} not in the log, because it breaks a rule", $"{e.Id} as sequence {e.Sequence}")
            : !isNew ? Wrong($"{e.Id} once", $"{e.Id} again as sequence {e.Sequence}")
            : published.Content != e.Content
                ? Wrong($"{e.Id} as it was published", $"different content in sequence {e.Sequence}")
            : null;
    }

    private static CounterExample? FindWrongAnswer(Shop shop, TruthEvent e, LedgerEvent published) =>
        published.Answer is not { } answer
        || (answer.Id == e.Id && answer.Version == e.Version && answer.Sequence == e.Sequence)
            ? null
            : new(
                $"publisher {published.Publisher}", shop.Id,
                $"{e.Id} answered as version {e.Version}, sequence {e.Sequence}",
                $"{answer.Id}, version {answer.Version}, sequence {answer.Sequence}");

    /// <summary>
    /// A publisher makes one call after the other, so the history has its events in the order of its counter.
    /// </summary>
    private static CounterExample? FindDisorder(Shop shop, LedgerEvent e, Dictionary<int, long> counters)
    {
        var before = counters.GetValueOrDefault(e.Publisher, -1);
        counters[e.Publisher] = e.Counter;
        return e.Counter > before
            ? null
            : new(
                $"publisher {e.Publisher}", shop.Id, $"its events in the order of its counter, after {before}",
                $"counter {e.Counter}");
    }

    private static CounterExample? FindLoss(Map map, LedgerEvent e, HashSet<string> stored)
    {
        CounterExample Wrong(string expected, string got) =>
            new($"publisher {e.Publisher}", map.Shops[e.Shop].Id, expected, got);

        return e.Outcome is not Outcome.Acknowledged ? null
            : e.IsBad ? Wrong($"{e.Id} to be refused", $"{e.Id} acknowledged")
            : !stored.Contains(e.Id) ? Wrong($"{e.Id}, which was acknowledged, in the log", "nothing")
            : null;
    }
}
