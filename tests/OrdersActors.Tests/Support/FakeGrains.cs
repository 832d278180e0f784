using System.Reflection;

namespace OrdersActors.Tests.Support;

/// <summary>Grains whose calls the test handles itself, without a cluster.</summary>
public class FakeGrains : DispatchProxy
{
    private CallHandler _handle = null!;

    /// <summary>Handles a call of a grain and returns its task.</summary>
    public delegate Task CallHandler(Type grain, object key, string method, object?[] arguments);

    public static IGrainFactory Create(CallHandler handle)
    {
        var grains = Create<IGrainFactory, FakeGrains>();
        ((FakeGrains)grains)._handle = handle;
        return grains;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod is not { Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true })
        {
            throw new NotSupportedException($"{targetMethod}");
        }

        var type = targetMethod.GetGenericArguments()[0];
        var grain = Create(type, typeof(Reference));
        ((Reference)grain).Set(_handle, type, args![0]!);
        return grain;
    }

    /// <summary>A reference to one grain.</summary>
    public class Reference : DispatchProxy
    {
        private CallHandler _handle = null!;
        private Type _type = null!;
        private object _key = null!;

        internal void Set(CallHandler handle, Type type, object key) => (_handle, _type, _key) = (handle, type, key);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            _handle(_type, _key, targetMethod!.Name, args ?? []);
    }
}
