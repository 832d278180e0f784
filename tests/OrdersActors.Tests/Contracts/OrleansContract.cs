using System.Reflection;
using Orleans.Concurrency;

namespace OrdersActors.Tests.Contracts;

/// <summary>
/// Describes what silos, front ends and publishers of two versions must agree on: grain types, interfaces with their
/// methods, and serialized types with their ids. Types are named by their alias, because only the alias is sent.
/// </summary>
internal static class OrleansContract
{
    /// <summary>Describes the contract of these assemblies, one line each, in a fixed order.</summary>
    public static string Describe(IEnumerable<Assembly> assemblies)
    {
        // The Orleans source generator adds types of its own to each assembly.
        var types = assemblies
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace?.StartsWith("OrdersActors", StringComparison.Ordinal) is true)
            .ToArray();
        var blocks = types.Where(IsGrain).Select(DescribeGrain)
            .Concat(types.Where(IsRemoteInterface).Select(DescribeInterface))
            .Concat(types.Where(IsSerialized).Select(DescribeSerialized))
            .Order(StringComparer.Ordinal);
        return string.Join('\n', blocks);
    }

    private static bool IsGrain(Type type) =>
        type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IGrain))
        && type.GetCustomAttribute<GrainTypeAttribute>() is not null;

    private static bool IsRemoteInterface(Type type) =>
        type.IsInterface && (type.IsAssignableTo(typeof(IGrain)) || type.IsAssignableTo(typeof(IGrainObserver)));

    private static bool IsSerialized(Type type) =>
        type.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is not null;

    private static string DescribeGrain(Type type)
    {
        var grainType = (string)type.GetCustomAttributesData()
            .Single(data => data.AttributeType == typeof(GrainTypeAttribute)).ConstructorArguments[0].Value!;
        var interfaces = type.GetInterfaces().Where(IsRemoteInterface).Select(NameOf)
            .Where(name => name.StartsWith("OrdersActors", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return $"grain {grainType}: {string.Join(", ", interfaces)}\n";
    }

    private static string DescribeInterface(Type type)
    {
        var methods = type.GetMethods().Select(DescribeMethod).Order(StringComparer.Ordinal);
        return $"interface {NameOf(type)}\n{string.Concat(methods.Select(method => $"  {method}\n"))}";
    }

    private static string DescribeMethod(MethodInfo method)
    {
        var alias = method.GetCustomAttribute<AliasAttribute>()?.Alias ?? $"{method.Name} (no alias)";
        var oneWay = method.GetCustomAttribute<OneWayAttribute>() is null ? "" : " one-way";
        var parameters = method.GetParameters().Select(parameter => NameOf(parameter.ParameterType));
        return $"{alias}({string.Join(", ", parameters)}): {NameOf(method.ReturnType)}{oneWay}";
    }

    private static string DescribeSerialized(Type type)
    {
        var members = type.IsEnum ? EnumMembers(type) : Members(type);
        return $"type {NameOf(type)}\n{string.Concat(members.Select(member => $"  {member}\n"))}";
    }

    private static IEnumerable<string> EnumMembers(Type type) =>
        Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => $"{value} {Enum.GetName(type, value)}");

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly;
        return type.GetMembers(All)
            .Select(member => (Member: member, Id: member.GetCustomAttribute<IdAttribute>()))
            .Where(entry => entry.Id is not null)
            .OrderBy(entry => entry.Id!.Id)
            .Select(entry => $"{entry.Id!.Id} {entry.Member.Name}: {NameOf(TypeOf(entry.Member))}");
    }

    private static Type TypeOf(MemberInfo member) =>
        member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static string NameOf(Type type)
    {
        if (type.IsArray)
        {
            return NameOf(type.GetElementType()!) + "[]";
        }

        if (type.IsGenericType)
        {
            var name = type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
            return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
        }

        return type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias
            ?? (type.Namespace?.StartsWith("OrdersActors", StringComparison.Ordinal) is true
                ? $"{type.FullName} (no alias)"
                : type.Name);
    }
}
