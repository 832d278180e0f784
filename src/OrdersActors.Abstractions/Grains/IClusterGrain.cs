namespace OrdersActors;

/// <summary>
/// What front ends want to know of the cluster. A stateless worker: a front end inside a silo asks its own, another one the silo at
/// its gateway.
/// </summary>
[Alias("OrdersActors.IClusterGrain")]
public interface IClusterGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// The silos that are alive as far as this one knows, each named so that one that was started again is another one.
    /// </summary>
    [Alias("GetSilos"), ResponseTimeout("00:00:03")]
    Task<string[]> GetSilos();

    /// <summary>
    /// Whether this silo reaches the event log. A probe finds out once a second, so the answer is immediate also while the log does
    /// not answer. A silo of a previous version does not know this call.
    /// </summary>
    [Alias("IsLogAvailable"), ResponseTimeout("00:00:03")]
    Task<bool> IsLogAvailable();
}
