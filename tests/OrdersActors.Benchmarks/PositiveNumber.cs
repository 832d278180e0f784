using System.CommandLine;

namespace OrdersActors.Benchmarks;

/// <summary>Makes options for numbers that are at least 1.</summary>
internal static class PositiveNumber
{
    public static Option<int> Option(string name, string description, int value)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be at least 1.");
            }
        });
        return option;
    }
}
