namespace OrdersActors.Server.Hosting;

/// <summary>The parts of the server that one process runs.</summary>
internal enum ServerRole
{
    /// <summary>A silo and a front end in one process.</summary>
    All,

    /// <summary>A silo. Publishers and front ends connect to it; browsers do not.</summary>
    Silo,

    /// <summary>A front end: an Orleans client that holds the WebSockets.</summary>
    FrontEnd,
}
