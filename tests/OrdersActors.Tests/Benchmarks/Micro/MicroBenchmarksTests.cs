using System.Reflection;
using BenchmarkDotNet.Attributes;
using OrdersActors.Benchmarks.Micro;

namespace OrdersActors.Tests.Benchmarks.Micro;

/// <summary>Calls the methods of the benchmarks without BenchmarkDotNet's harness.</summary>
public sealed class MicroBenchmarksTests
{
    private static readonly Dictionary<string, Type> Types = typeof(EventFrameBenchmark).Assembly.GetTypes()
        .Where(type => MethodsOf<BenchmarkAttribute>(type).Any())
        .ToDictionary(type => type.Name);

    public static TheoryData<string> Names => [.. Types.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Benchmark_runs_its_methods_once_with_each_parameter(string name)
    {
        var type = Types[name];
        var parameter = type.GetProperties().SingleOrDefault(property => property.IsDefined(typeof(ParamsAttribute)));
        foreach (var value in parameter?.GetCustomAttribute<ParamsAttribute>()!.Values ?? [null])
        {
            var benchmark = Activator.CreateInstance(type)!;
            parameter?.SetValue(benchmark, value);
            await CallAsync<GlobalSetupAttribute>(benchmark);
            Assert.All(await CallAsync<BenchmarkAttribute>(benchmark), Assert.NotNull);
            await CallAsync<GlobalCleanupAttribute>(benchmark);
        }
    }

    [Fact]
    public async Task Benchmarks_do_what_they_measure()
    {
        Assert.Equal(AuthenticationOutcome.Authenticated, new SignatureBenchmark().Verify());
        var messages = new SubscribeMessageBenchmark { Orders = 100 };
        messages.MakeMessage();
        Assert.Equal((1, 100), (messages.Subscribe(), messages.Resume()));
        var batches = new FrameBatchBenchmark { Events = 256 };
        batches.MakeFrames();
        Assert.NotEmpty(Assert.IsType<byte[][]>(batches.Join()));

        var fanOut = new FanOutBenchmark { Connections = 1000 };
        await fanOut.SubscribeAsync();
        Assert.Equal(1000, fanOut.PassOn());
        Assert.Equal(1000, fanOut.PassOn());
        await fanOut.EndAsync();

        var log = new SqliteAppendBenchmark { Events = 16 };
        log.Open();
        Assert.Equal(16, await log.AppendAsync());
        Assert.Equal(32, await log.AppendAsync());
        await log.CloseAsync();
    }

    private static async Task<List<object?>> CallAsync<TAttribute>(object benchmark)
        where TAttribute : Attribute
    {
        var results = new List<object?>();
        foreach (var method in MethodsOf<TAttribute>(benchmark.GetType()))
        {
            var result = method.Invoke(benchmark, []);
            if (result is Task task)
            {
                await task;
                result = task.GetType().GetProperty(nameof(Task<>.Result))?.GetValue(task);
            }

            results.Add(result);
        }

        return results;
    }

    private static IEnumerable<MethodInfo> MethodsOf<TAttribute>(Type type)
        where TAttribute : Attribute =>
        type.GetMethods().Where(method => method.IsDefined(typeof(TAttribute)));
}
