using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace OrdersActors.Tests.Support;

/// <summary>The membership of a cluster of silos that do not exist. All of them are active.</summary>
public sealed class FakeCluster : IClusterMembershipService, ILocalSiloDetails
{
    private readonly Channel<ClusterMembershipSnapshot> _updates =
        Channel.CreateUnbounded<ClusterMembershipSnapshot>();
    private long _version;

    public FakeCluster(int silos) => Set(silos);

    public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = null!;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => ReadAsync();

    /// <summary>The first silo is the local one.</summary>
    public SiloAddress SiloAddress => Silo(1);

    public SiloAddress GatewayAddress => throw new NotSupportedException();

    public string Name => "silo-1";

    public string ClusterId => "test";

    public string DnsHostName => "test";

    public static SiloAddress Silo(int number, int generation = 1) =>
        SiloAddress.New(new IPEndPoint(IPAddress.Parse($"10.0.0.{number}"), 11111), generation);

    /// <summary>Changes the number of silos, and the generation of all except the local one.</summary>
    public void Set(int silos, int generation = 1)
    {
        var members = Enumerable.Range(1, silos)
            .Select(i => new ClusterMember(Silo(i, i == 1 ? 1 : generation), SiloStatus.Active, $"silo-{i}"))
            .ToImmutableDictionary(member => member.SiloAddress);
        CurrentSnapshot = new ClusterMembershipSnapshot(members, new MembershipVersion(++_version));
        _updates.Writer.TryWrite(CurrentSnapshot);
    }

    public ValueTask Refresh(
        MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) =>
        ValueTask.CompletedTask;

    public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();

    private async IAsyncEnumerable<ClusterMembershipSnapshot> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in _updates.Reader.ReadAllAsync(cancellationToken))
        {
            yield return update;
        }
    }
}
