namespace OrdersActors.Server.Hosting;

/// <summary>The ports that are not for browsers and apps.</summary>
internal enum InnerPort
{
    /// <summary>The port for other silos.</summary>
    Silo,

    /// <summary>The port for publishers and front ends.</summary>
    Gateway,
}
