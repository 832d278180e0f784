namespace OrdersActors.TestServer;

/// <summary>The role of a server process in a cluster.</summary>
public enum ServerRole
{
    /// <summary>A silo and a front end in one process.</summary>
    All,

    /// <summary>A silo only.</summary>
    Silo,

    /// <summary>A front end only, which is a client of the silos.</summary>
    FrontEnd,
}

/// <summary>The consequences of a role for clients and services.</summary>
public static class ServerRoles
{
    /// <summary>Whether clients may connect to it.</summary>
    public static bool HoldsSockets(this ServerRole role) => role is not ServerRole.Silo;

    /// <summary>Whether publishing services may connect to it.</summary>
    public static bool IsSilo(this ServerRole role) => role is not ServerRole.FrontEnd;

    /// <summary>The role on the command line; the default role needs no arguments.</summary>
    internal static string[] Arguments(this ServerRole role) => role switch
    {
        ServerRole.Silo => ["serve", "--role", "silo"],
        ServerRole.FrontEnd => ["serve", "--role", "front-end"],
        _ => [],
    };
}
