using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Checker.Libraries;

/// <summary>All clients of the libraries of a run.</summary>
internal sealed class LibraryClients
{
    // Each process has about as many clients as the checker's own process has of the other library.
    private const int MostClientsOfProcess = 50;

    private readonly List<DotNetClient> _dotNet = [];
    private readonly List<TypeScriptHost> _typeScript = [];

    /// <param name="environment">The state that all clients share.</param>
    /// <param name="address">The address of the proxy.</param>
    /// <exception cref="FileNotFoundException">The TypeScript client is needed and not built.</exception>
    public LibraryClients(ClientEnvironment environment, Uri address)
    {
        var options = environment.Options;
        var random = new Random(options.Seed);
        LibraryPlan[] dotNet = [.. LibraryPlan.For(
            "dotnet", knowsConfirmation: false, environment.Map, options.CountOf(ClientChoice.DotNet), random)];
        LibraryPlan[] typeScript = [.. LibraryPlan.For(
            "typescript", knowsConfirmation: true, environment.Map, options.CountOf(ClientChoice.TypeScript), random)];
        var counts = Count("dotnet", dotNet);
        _dotNet.AddRange(dotNet.Select(plan =>
            new DotNetClient(plan, address, environment, counts, new Random(random.Next()))));
        if (typeScript.Length > 0)
        {
            var package = TypeScriptPackage.Find(options.TypeScriptFolder);
            var others = Count("typescript", typeScript);
            _typeScript.AddRange(typeScript.Chunk(MostClientsOfProcess).Select(plans =>
                new TypeScriptHost(package, address, plans, environment, others)));
        }

        LibraryCounts Count(string name, LibraryPlan[] plans)
        {
            var created = new LibraryCounts(name)
            {
                Clients = plans.Length,
                Handlers = plans.Sum(plan => plan.Handlers.Count),
            };
            if (plans.Length > 0)
            {
                environment.Counts.Libraries.Add(created);
            }

            return created;
        }
    }

    public IReadOnlyList<Handler> Handlers =>
    [
        .. _dotNet.SelectMany(client => client.Handlers),
        .. _typeScript.SelectMany(host => host.Handlers),
    ];

    /// <summary>Runs all of them until the end of the run. Never fails.</summary>
    public Task RunAsync() =>
        Task.WhenAll([.. _dotNet.Select(client => client.RunAsync()), .. _typeScript.Select(host => host.RunAsync())]);
}
