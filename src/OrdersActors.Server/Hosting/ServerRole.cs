namespace OrdersActors.Server.Hosting;

/// <summary>What a server process is.</summary>
internal enum ServerRole
{
    /// <summary>A silo and a front end in one process.</summary>
    All,

    /// <summary>A silo: publishers and front ends connect to it, browsers do not.</summary>
    Silo,

    /// <summary>A front end: an Orleans client that holds sockets.</summary>
    FrontEnd,
}
