namespace OrdersActors.Tests.Support;

/// <summary>Grains whose calls the test handles itself, without a cluster. An observer is its own reference.</summary>
internal static class FakeGrains
{
    /// <summary>Handles a call of a grain and returns its task.</summary>
    public delegate Task CallHandler(Type grain, object key, string method, object?[] arguments);

    public static IGrainFactory Create(CallHandler handle) => ScriptedProxy.Create<IGrainFactory>((factory, args) =>
    {
        if (factory.Name == nameof(IGrainFactory.CreateObjectReference))
        {
            return args[0];
        }

        if (factory is not { Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true })
        {
            throw new NotSupportedException($"{factory}");
        }

        var grain = factory.GetGenericArguments()[0];
        return ScriptedProxy.Create(grain, (method, arguments) => handle(grain, args[0]!, method.Name, arguments));
    });
}
