using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace MLNet.FineTune.Search;

/// <summary>Elements that are well-formed XML and read the same as HTML: elements without content have an end tag, and texts only what XML may hold.</summary>
internal static class Markup
{
    /// <param name="name">The element's name.</param>
    /// <param name="attributes">Names and values; numbers are written with a point.</param>
    /// <param name="content">Elements, texts and lists of them.</param>
    public static XElement Element(string name, (string Name, object Value)[] attributes, params object[] content) => new(
        name,
        attributes.Select(attribute => new XAttribute(attribute.Name, Text(attribute.Value))),
        content.Length == 0 ? "" : content.Select(part => part is string text ? Text(text) : part));

    /// <summary>An element without attributes.</summary>
    public static XElement Element(string name, params object[] content) => Element(name, [], content);

    /// <summary>A value as people read it: up to six digits, with a point.</summary>
    public static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>A parameter or attribute as people read it.</summary>
    public static string Value(object value) => value switch
    {
        double number => Number(number),
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Text(object value) => value switch
    {
        // A tenth of a pixel is as fine as anybody sees.
        double number => number.ToString("0.#", CultureInfo.InvariantCulture),
        _ => Clean(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    /// <summary>Replaces what XML cannot hold, such as control characters and halves of surrogate pairs.</summary>
    private static string Clean(string text)
    {
        char[] clean = text.ToCharArray();
        for (int i = 0; i < clean.Length; i++)
            if (i + 1 < clean.Length && char.IsSurrogatePair(clean[i], clean[i + 1]))
                i++;
            else if (!XmlConvert.IsXmlChar(clean[i]))
                clean[i] = '\uFFFD';
        return new string(clean);
    }
}
