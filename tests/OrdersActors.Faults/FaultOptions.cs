using System.Globalization;
using OrdersActors.Faults.Breakages;
using OrdersActors.Faults.Hops;

namespace OrdersActors.Faults;

/// <summary>
/// The configured faults, from environment variables. <c>Faults__Seed</c> is the seed. <c>Faults__{hop}__Drop</c>,
/// <c>__Duplicate</c> and <c>__Reorder</c> are shares of the deliveries of a <see cref="Hop"/>, 0 to 1.
/// <c>Faults__Break</c> is a <see cref="Breakage"/>. Without variables there are no faults.
/// </summary>
internal sealed record FaultOptions(int Seed, IReadOnlyDictionary<Hop, FaultRates> Rates, Breakage Break)
{
    public static FaultOptions FromEnvironment()
    {
        var rates = Enum.GetValues<Hop>().ToDictionary(
            hop => hop,
            hop => new FaultRates(
                Share(hop, nameof(FaultRates.Drop)), Share(hop, nameof(FaultRates.Duplicate)),
                Share(hop, nameof(FaultRates.Reorder))));
        var seed = Read("Seed") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1;
        var breakage = Read("Break") is { } name ? Enum.Parse<Breakage>(name, ignoreCase: true) : Breakage.None;
        return new FaultOptions(seed, rates, breakage);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"seed {Seed}, break {Break}, ")
        + string.Join(
            ", ",
            Rates.Where(rate => rate.Value.Any).Select(rate => $"{rate.Key} {rate.Value}").DefaultIfEmpty("no faults"));

    private static double Share(Hop hop, string fault) =>
        Read($"{hop}__{fault}") is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : 0;

    private static string? Read(string name) =>
        Environment.GetEnvironmentVariable($"Faults__{name}") is { Length: > 0 } value ? value : null;
}

/// <summary>
/// The shares of a hop's deliveries with each fault. The sum is at most 1, because a delivery has at most one fault.
/// </summary>
internal readonly record struct FaultRates(double Drop, double Duplicate, double Reorder)
{
    public bool Any => Drop + Duplicate + Reorder > 0;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"drop {Drop} duplicate {Duplicate} reorder {Reorder}");
}
