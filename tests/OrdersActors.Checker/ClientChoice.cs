namespace OrdersActors.Checker;

/// <summary>The clients of a run.</summary>
internal enum ClientChoice
{
    /// <summary>The checker's own clients, which know only the protocol page.</summary>
    Raw,

    /// <summary>The client for .NET, in the checker's process.</summary>
    DotNet,

    /// <summary>The client for TypeScript, in processes of Node.</summary>
    TypeScript,

    /// <summary>A third of each.</summary>
    All,
}

/// <summary>The shares of a choice.</summary>
internal static class ClientChoices
{
    private static readonly ClientChoice[] Kinds = [ClientChoice.Raw, ClientChoice.DotNet, ClientChoice.TypeScript];

    /// <summary>The names on the command line.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Enum.GetNames<ClientChoice>().Select(name => name.ToLowerInvariant())];

    /// <summary>How many of all clients are of one kind.</summary>
    public static int CountOf(this CheckOptions options, ClientChoice kind)
    {
        if (options.Client != ClientChoice.All)
        {
            return options.Client == kind ? options.Clients : 0;
        }

        var index = Array.IndexOf(Kinds, kind);
        return (options.Clients + Kinds.Length - 1 - index) / Kinds.Length;
    }
}
