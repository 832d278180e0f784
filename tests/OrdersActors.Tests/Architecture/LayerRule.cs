using ArchUnitNET.Domain;

namespace OrdersActors.Tests.Architecture;

/// <summary>
/// An order of namespaces from the top to the bottom. A type may use types of its own layer and of the layers below,
/// never of a layer above.
/// </summary>
/// <param name="Name">What the layers are, for messages.</param>
/// <param name="Layers">The namespaces, from the top. A layer includes the namespaces inside it.</param>
internal sealed record LayerRule(string Name, params string[] Layers)
{
    /// <summary>The rule for projects, from the top.</summary>
    public static LayerRule Namespaces(string name, params string[] projects) =>
        new(name, [.. projects.Select(project => $"OrdersActors.{project}")]);

    /// <summary>The rule for the folders of a project, from the top.</summary>
    public static LayerRule Folders(string project, params string[] folders) =>
        new(project, [.. folders.Select(folder => $"OrdersActors.{project}.{folder}")]);

    /// <summary>The references that point upwards, such as <c>Protocol.Frame → Sessions.Connection</c>.</summary>
    public IEnumerable<string> Violations(ArchUnitNET.Domain.Architecture architecture) =>
        from type in architecture.Types
        let user = LayerOf(type)
        where user >= 0
        from dependency in type.Dependencies
        let used = LayerOf(dependency.Target)
        where used >= 0 && used < user
        select $"{type.FullName} → {dependency.Target.FullName}";

    /// <summary>The layers that contain no type, which means that the rule has a wrong or old name.</summary>
    public IEnumerable<string> EmptyLayers(ArchUnitNET.Domain.Architecture architecture)
    {
        var used = architecture.Types.Select(LayerOf).ToHashSet();
        return Layers.Where((_, index) => !used.Contains(index));
    }

    /// <summary>The same layers in the opposite order.</summary>
    public LayerRule Reversed() => this with { Layers = [.. Layers.Reverse()] };

    public override string ToString() => Name;

    private int LayerOf(IType type)
    {
        // Types that the compiler generates for spans have no namespace.
        var name = type.Namespace?.FullName ?? "";
        return Array.FindIndex(
            Layers, layer => name == layer || name.StartsWith(layer + ".", StringComparison.Ordinal));
    }
}
