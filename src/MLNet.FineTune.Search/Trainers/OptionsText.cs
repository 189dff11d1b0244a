using System.Collections;
using System.Globalization;
using System.Reflection;

namespace MLNet.FineTune.Search;

/// <summary>The values that options hold, as text: what searches that share a storage compare.</summary>
internal static class OptionsText
{
    // Deep enough for options in options, and an end where they refer to each other.
    private const int MaxDepth = 4;

    /// <summary>Numbers, texts, switches and enumerations by name, those of nested options too; what has no value of that kind, such as data or a delegate, is left out.</summary>
    public static string Of(object options) => Describe(options, MaxDepth) ?? "";

    private static string? Describe(object? value, int depth) => value switch
    {
        null => null,
        string text => $"'{text}'",
        IFormattable number when value.GetType() is { IsPrimitive: true } or { IsEnum: true } || value is decimal or TimeSpan => number.ToString(null, CultureInfo.InvariantCulture),
        bool or char => FormattableString.Invariant($"{value}"),
        Delegate or Type or MemberInfo => null,
        IEnumerable items => depth == 0 ? null : $"[{string.Join(", ", items.Cast<object?>().Select(item => Describe(item, depth - 1)).Where(text => text is not null))}]",
        _ => depth == 0 || value.GetType().Namespace is { } space && space.StartsWith("System", StringComparison.Ordinal) ? null : Members(value, depth - 1),
    };

    private static string? Members(object value, int depth)
    {
        string[] members = [.. value.GetType().GetMembers(BindingFlags.Instance | BindingFlags.Public)
            .Where(member => member is FieldInfo or PropertyInfo { CanRead: true, CanWrite: true } && (member as PropertyInfo)?.GetIndexParameters() is null or [])
            .OrderBy(member => member.Name, StringComparer.Ordinal)
            .Select(member => (member.Name, Text: Describe(member is PropertyInfo property ? property.GetValue(value) : ((FieldInfo)member).GetValue(value), depth)))
            .Where(member => member.Text is not null)
            .Select(member => $"{member.Name} = {member.Text}")];
        return members.Length == 0 ? $"{value.GetType().Name}" : $"{value.GetType().Name} {{ {string.Join(", ", members)} }}";
    }
}
