using System.Globalization;
using OrdersActors.Faults.Breakages;
using OrdersActors.Faults.Hops;

namespace OrdersActors.Faults;

/// <summary>
/// What is to go wrong, from environment variables: <c>Faults__Seed</c>; for each <see cref="Hop"/> a share of its
/// deliveries, 0 to 1, as <c>Faults__{hop}__Drop</c>, <c>__Duplicate</c> and <c>__Reorder</c>; and <c>Faults__Break</c>, a
/// <see cref="Breakage"/>. Nothing goes wrong that is not named.
/// </summary>
internal sealed record FaultOptions(int Seed, IReadOnlyDictionary<Hop, FaultRates> Rates, Breakage Break)
{
    public static FaultOptions FromEnvironment()
    {
        var rates = Enum.GetValues<Hop>().ToDictionary(
            hop => hop,
            hop => new FaultRates(
                Share(hop, nameof(FaultRates.Drop)), Share(hop, nameof(FaultRates.Duplicate)), Share(hop, nameof(FaultRates.Reorder))));
        var seed = Read("Seed") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1;
        var breakage = Read("Break") is { } name ? Enum.Parse<Breakage>(name, ignoreCase: true) : Breakage.None;
        return new FaultOptions(seed, rates, breakage);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"seed {Seed}, break {Break}, ")
        + string.Join(", ", Rates.Where(rate => rate.Value.Any).Select(rate => $"{rate.Key} {rate.Value}").DefaultIfEmpty("no faults"));

    private static double Share(Hop hop, string fault) =>
        Read($"{hop}__{fault}") is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : 0;

    private static string? Read(string name) =>
        Environment.GetEnvironmentVariable($"Faults__{name}") is { Length: > 0 } value ? value : null;
}

/// <summary>Which share of a hop's deliveries suffers what. The sum is at most 1: a delivery suffers one thing.</summary>
internal readonly record struct FaultRates(double Drop, double Duplicate, double Reorder)
{
    public bool Any => Drop + Duplicate + Reorder > 0;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"drop {Drop} duplicate {Duplicate} reorder {Reorder}");
}
