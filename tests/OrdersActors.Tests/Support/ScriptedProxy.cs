using System.Reflection;

namespace OrdersActors.Tests.Support;

/// <summary>An object of any interface whose calls a test answers.</summary>
public class ScriptedProxy : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _answer = null!;

    /// <param name="answer">Returns the result of a call to a method with arguments.</param>
    public static T Create<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class => (T)Create(typeof(T), answer);

    /// <param name="type">The interface.</param>
    /// <param name="answer">Returns the result of a call to a method with arguments.</param>
    public static object Create(Type type, Func<MethodInfo, object?[], object?> answer)
    {
        var proxy = Create(type, typeof(ScriptedProxy));
        ((ScriptedProxy)proxy)._answer = answer;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!, args ?? []);
}
