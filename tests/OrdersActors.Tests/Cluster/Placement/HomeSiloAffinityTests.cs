using System.Reflection;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Cluster.Placement;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Cluster.Placement;

public sealed class HomeSiloAffinityTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeCluster _cluster = new(1);
    private readonly PartitionMap _map;
    private readonly FakeGrain _grain = new();

    public HomeSiloAffinityTests() => _map = new PartitionMap(_cluster, FakeLog.Create());

    [Fact]
    public void Grain_migrates_after_its_home_has_moved_but_stays_ten_seconds()
    {
        var moving = Organizations(2).First(name => !_map.HomeOf(name)!.Equals(_cluster.SiloAddress));
        _cluster.Set(1);
        var affinity = new HomeSiloAffinity(moving, _map, _cluster, _time);
        affinity.MigrateIfNotHome(_grain);
        _cluster.Set(2);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        affinity.MigrateIfNotHome(_grain);
        Assert.Equal(0, _grain.Migrations);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        affinity.MigrateIfNotHome(_grain);
        Assert.Equal(1, _grain.Migrations);
    }

    [Fact]
    public void Grain_on_its_home_silo_stays()
    {
        var staying = Organizations(2).First(name => _map.HomeOf(name)!.Equals(_cluster.SiloAddress));
        var affinity = new HomeSiloAffinity(staying, _map, _cluster, _time);
        _time.Advance(TimeSpan.FromMinutes(1));
        affinity.MigrateIfNotHome(_grain);
        _cluster.Set(0);
        affinity.MigrateIfNotHome(_grain);
        Assert.Equal(0, _grain.Migrations);
    }

    private IEnumerable<string> Organizations(int silos)
    {
        _cluster.Set(silos);
        return Enumerable.Range(0, FakeLog.PartitionCount).Select(i => $"{i}");
    }

    private sealed class FakeGrain : IGrainBase
    {
        private readonly Context _context;

        public FakeGrain()
        {
            GrainContext = DispatchProxy.Create<IGrainContext, Context>();
            _context = (Context)GrainContext;
        }

        public IGrainContext GrainContext { get; }

        public int Migrations => _context.Migrations;
    }

    /// <summary>Counts the requests to migrate.</summary>
    public class Context : DispatchProxy
    {
        public int Migrations { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(nameof(IGrainContext.Migrate), targetMethod!.Name);
            Migrations++;
            return null;
        }
    }
}
