using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;

namespace MLNet.FineTune.OptionText;

/// <summary>Names of options and values in the text form of records.</summary>
internal static class OptionNames
{
    /// <summary>The options of a record, those among them that only the library sets, in the order of their declaration.</summary>
    public static IReadOnlyList<PropertyInfo> Of(Type record) =>
        [.. record.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).Where(property => property is { CanRead: true, CanWrite: true }
            && (property.GetMethod!.IsPublic ? !property.IsDefined(typeof(JsonIgnoreAttribute)) : property.IsDefined(typeof(JsonIncludeAttribute))))];

    /// <summary>The form that is written: <c>AttentionOutput</c> → <c>attention_output</c>.</summary>
    public static string Written(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }

    /// <summary>Whether a name that was read is this one.</summary>
    public static bool Same(string read, string name) => string.Equals(Plain(read), Plain(name), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
}
