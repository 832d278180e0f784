namespace OrdersActors;

/// <summary>A published event breaks a rule of <see cref="OrderEventRules"/>. Retrying cannot help.</summary>
[GenerateSerializer, Alias("OrdersActors.InvalidOrderEventException")]
public sealed class InvalidOrderEventException : Exception
{
    /// <summary>Names the field by its JSON name, and the rule that the field breaks.</summary>
    public InvalidOrderEventException(string field, string expected)
        : base($"{field} {expected}") => Field = field;

    /// <summary>Names the field of one event among several.</summary>
    /// <param name="field">The field's JSON name.</param>
    /// <param name="expected">The rule that the field breaks.</param>
    /// <param name="index">The 0-based index of the event in the list that was published.</param>
    public InvalidOrderEventException(string field, string expected, int index)
        : base($"event {index}: {field} {expected}") => (Field, Index) = (field, index);

    /// <summary>The field's JSON name.</summary>
    [Id(0)] public string Field { get; }

    /// <summary>
    /// The 0-based index of the event in the list that was published; null if the event was published alone.
    /// </summary>
    [Id(1)] public int? Index { get; }
}
