using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>What the checks of <c>doctor</c> examine.</summary>
/// <param name="Configuration">The settings.</param>
/// <param name="Options">The settings directly under <c>OrdersActors</c>; null if they cannot be read.</param>
/// <param name="Role">The role that the server has, or would have.</param>
internal sealed record DoctorContext(IConfigurationRoot Configuration, ServerOptions? Options, ServerRole Role)
{
    public const string NeedsSettings = "the settings cannot be read";

    /// <summary>Whether the process holds clients' connections.</summary>
    public bool HoldsConnections => Role != ServerRole.Silo;

    /// <summary>Whether the process opens the storage.</summary>
    public bool HasStorage => Role != ServerRole.FrontEnd;
}
