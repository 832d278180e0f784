using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Libraries;

/// <summary>A client of a library, and the handlers that it gets its events with.</summary>
/// <param name="Name">The client, for reports.</param>
/// <param name="Shop">Its organization.</param>
/// <param name="Credential">What it connects with.</param>
/// <param name="Variant">
/// Which of the library's two ways it uses: in .NET, an exception for a gap instead of <c>OnGap</c>; in TypeScript,
/// iterations instead of handlers.
/// </param>
/// <param name="Handlers">Its handlers.</param>
internal sealed record LibraryPlan(
    string Name, Shop Shop, Credential Credential, bool Variant, IReadOnlyList<HandlerPlan> Handlers)
{
    public bool WholeOrganization => Handlers.Any(handler => handler.Order is null);

    /// <summary>Plans clients of all kinds, for all organizations in turn.</summary>
    /// <param name="library">The name of the library.</param>
    /// <param name="knowsConfirmation">
    /// Whether an application of the library can know when a subscription was confirmed. Otherwise no handler begins
    /// with the next event, because nobody could say which one that is.
    /// </param>
    /// <param name="map">The organizations and orders.</param>
    /// <param name="count">The number of clients.</param>
    /// <param name="random">Chooses orders and details.</param>
    public static IEnumerable<LibraryPlan> For(
        string library, bool knowsConfirmation, Map map, int count, Random random)
    {
        for (var i = 0; i < count; i++)
        {
            var shop = map.Shops[i % map.Shops.Count];
            int?[] orders = [.. map.OrdersOf(shop).Select(order => (int?)order)];
            random.Shuffle(orders);
            var next = knowsConfirmation ? HandlerStart.Next : HandlerStart.Newest;
            var later = new HandlerPlan(orders[0], HandlerStart.Newest) { Delay = random.NextDouble() * 20 };
            HandlerPlan[] several = [.. orders.Take(random.Next(2, 9)).Select(order => new HandlerPlan(order))];
            var (kind, handlers) = (i / map.Shops.Count % 6) switch
            {
                0 => ("one order", [new HandlerPlan(orders[0])]),
                1 => ("several orders", several),
                2 => ("organization", [new HandlerPlan(null)]),
                3 => ("organization and orders", [new HandlerPlan(null), .. several]),
                4 => ("newest", [new(orders[0], HandlerStart.Newest), later, new(orders[1], next), new(null, next)]),
                _ => ("comes and goes", new HandlerPlan[]
                {
                    new(orders[0]) { RejoinAfter = random.Next(2, 6) },
                    new(orders[1]),
                    new(null) { RejoinAfter = random.Next(20, 200) },
                }),
            };
            var hasOrganization = handlers.Any(handler => handler.Order is null);
            var credential = hasOrganization ? random.Next(1, 3) : random.Next(3);
            yield return new LibraryPlan(
                $"{library} client {i} ({kind}) of {shop.Id}", shop, (Credential)credential, random.Next(2) == 0,
                handlers);
        }
    }
}

/// <summary>One handler: a watch in .NET, a subscription in TypeScript.</summary>
/// <param name="Order">The order; null for the organization.</param>
/// <param name="Start">The event with which it begins.</param>
internal sealed record HandlerPlan(int? Order, HandlerStart Start = HandlerStart.Beginning)
{
    /// <summary>How many seconds after its client it begins.</summary>
    public double Delay { get; init; }

    /// <summary>
    /// After so many events it ends, and soon a new one continues after the last event; 0 for never.
    /// </summary>
    public int RejoinAfter { get; init; }
}

/// <summary>The event with which a handler begins.</summary>
internal enum HandlerStart
{
    /// <summary>The first event.</summary>
    Beginning,

    /// <summary>The newest event at the time of the confirmation.</summary>
    Newest,

    /// <summary>The first event after the confirmation.</summary>
    Next,
}

/// <summary>What a client connects with besides the key.</summary>
internal enum Credential
{
    /// <summary>Nothing. It can only watch orders.</summary>
    None,

    /// <summary>A signature for each connection.</summary>
    Signature,

    /// <summary>A token that is valid for <see cref="Credentials.TokenLifetime"/>.</summary>
    Token,
}
