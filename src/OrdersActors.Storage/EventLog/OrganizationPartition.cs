using System.Text;

namespace OrdersActors.Storage.EventLog;

/// <summary>
/// Maps an organization to its partition. The mapping is the same for every implementation of the log and must never
/// change.
/// </summary>
internal static class OrganizationPartition
{
    /// <summary>FNV-1a (32 bits) over the UTF-8 of the id, modulo the number of partitions.</summary>
    public static int Of(string organizationId, int partitionCount)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(organizationId))
        {
            hash = unchecked((hash ^ b) * 16777619u);
        }

        return (int)(hash % (uint)partitionCount);
    }

    /// <summary>Checks the number of a partition.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such partition.</exception>
    public static void Check(int partition, int partitionCount) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(
            (uint)partition, (uint)partitionCount, nameof(partition));
}
