using System.Reflection;
using OrdersActors.Server.Commands;

namespace OrdersActors.Tests.Support;

/// <summary>The assemblies of the product, found by following the server's references.</summary>
internal static class ProductAssemblies
{
    /// <summary>All of them, in the order of their names.</summary>
    public static IReadOnlyList<Assembly> All { get; } =
        [.. Follow(typeof(ServerCommandLine).Assembly).OrderBy(assembly => assembly.FullName)];

    private static HashSet<Assembly> Follow(Assembly first)
    {
        var found = new HashSet<Assembly> { first };
        var left = new Queue<Assembly>([first]);
        while (left.TryDequeue(out var assembly))
        {
            foreach (var name in assembly.GetReferencedAssemblies()
                .Where(name => name.Name!.StartsWith("OrdersActors.", StringComparison.Ordinal)))
            {
                var reference = Assembly.Load(name);
                if (found.Add(reference))
                {
                    left.Enqueue(reference);
                }
            }
        }

        return found;
    }
}
