namespace OrdersActors.TestServer;

/// <summary>Which part of a cluster a server process is.</summary>
public enum ServerRole
{
    /// <summary>A silo that also holds sockets.</summary>
    All,

    /// <summary>A silo alone.</summary>
    Silo,

    /// <summary>Holds sockets, as a client of the silos.</summary>
    FrontEnd,
}

/// <summary>What a role means for who deals with the process.</summary>
public static class ServerRoles
{
    /// <summary>Whether clients may connect to it.</summary>
    public static bool HoldsSockets(this ServerRole role) => role is not ServerRole.Silo;

    /// <summary>Whether publishing services may connect to it.</summary>
    public static bool IsSilo(this ServerRole role) => role is not ServerRole.FrontEnd;

    /// <summary>How the command line names it; the default needs no word.</summary>
    internal static string[] Arguments(this ServerRole role) => role switch
    {
        ServerRole.Silo => ["serve", "--role", "silo"],
        ServerRole.FrontEnd => ["serve", "--role", "front-end"],
        _ => [],
    };
}
