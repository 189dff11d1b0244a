using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace MLNet.FineTune.OptionText;

/// <summary>Reads the text form of records: <c>name(option=value, …)</c>, several of them between bars where the family has unions.</summary>
internal sealed class RecordParser
{
    private const int MaxDepth = 32;

    private readonly string _text;
    private int _at;
    private int _depth;

    private RecordParser(string text) => _text = text;

    /// <exception cref="FormatException">The text is not of the form, or what it names is not known.</exception>
    public static object Parse(string text, RecordFamily family)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new RecordParser(text).All(family);
    }

    private object All(RecordFamily family)
    {
        var parts = new List<object>();
        do
            parts.Add(Record(family));
        while (family.HasUnion && Take('|'));
        Spaces();
        if (_at < _text.Length)
            throw Error(_at, $"found '{_text[_at..]}'; expected {(family.HasUnion ? "'|' or " : "")}the end");
        return parts.Count == 1 ? parts[0] : Checked(family.Unite(parts), family, 0);
    }

    private object Record(RecordFamily family)
    {
        Spaces();
        int start = _at;
        string name = Name();
        Type type = family.ByName.FirstOrDefault(known => OptionNames.Same(name, known.Key)).Value
            ?? throw Error(start, $"found the {family.Noun} '{name}'; known are {string.Join(", ", family.ByName.Keys.Order(StringComparer.Ordinal))}");
        if (++_depth > MaxDepth)
            throw Error(start, $"the {family.Noun} '{name}' is nested deeper than {MaxDepth}");
        object record = Activator.CreateInstance(type)!;
        if (Take('('))
            Options(record, family);
        _depth--;
        return Checked(record, family, start);
    }

    private void Options(object record, RecordFamily family)
    {
        string owner = family.NameOf(record);
        IReadOnlyList<PropertyInfo> known = OptionNames.Of(record.GetType());
        var given = new HashSet<string>();
        if (Take(')'))
            return;
        do
        {
            Spaces();
            int start = _at;
            string name = Name();
            PropertyInfo option = known.FirstOrDefault(option => OptionNames.Same(name, option.Name)) ?? throw Error(start,
                $"'{owner}' has no option '{name}'; it has {(known.Count == 0 ? "none" : string.Join(", ", known.Where(option => option.SetMethod!.IsPublic).Select(option => OptionNames.Written(option.Name))))}");
            string place = $"{owner}.{OptionNames.Written(option.Name)}";
            if (!given.Add(option.Name))
                throw Error(start, $"{place} is given twice");
            if (!Take('='))
                throw Error(_at, $"found {Found()} after {place}; expected '='");
            option.SetValue(record, Value(option.PropertyType, place, family));
        }
        while (Take(','));
        if (!Take(')'))
            throw Error(_at, $"found {Found()} in the options of '{owner}'; expected ',' or ')'");
    }

    private object? Value(Type type, string place, RecordFamily family)
    {
        Spaces();
        int start = _at;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return TakeNull() ? null : Value(underlying, place, family);
        if (!type.IsValueType && TakeNull())
            return null;
        if (family.Of(type) is { } own)
            return Record(own) is { } record && type.IsInstanceOfType(record) ? record : throw Error(start, $"{place} takes {type.Name}");
        if (OptionTypes.Element(type) is { } element)
            return Items(element, place, family);
        if (type == typeof(string))
            return Peek() == '"' ? Json(type, place, family) : Word(place, "a text");
        if (type == typeof(bool))
            return bool.TryParse(Word(place, "true or false"), out bool on) ? on : throw Wrong(start, place, "true or false");
        if (type.IsEnum)
            return Names(type, place);
        if (OptionTypes.IsNumber(type))
            return Number(type, place);
        return Json(type, place, family);
    }

    private object Number(Type type, string place)
    {
        int start = _at;
        string expected = OptionTypes.IsWhole(type) ? "a whole number" : "a number", word = Word(place, expected);
        try
        {
            return Convert.ChangeType(word, type, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw Wrong(start, place, expected);
        }
    }

    /// <summary>A value of an enumeration, or several with bars between them.</summary>
    private object Names(Type type, string place)
    {
        int start = _at;
        string expected = string.Join(", ", Enum.GetNames(type).Select(OptionNames.Written));
        long value = 0;
        foreach (string part in OptionTypes.IsFlags(type) ? Word(place, expected).Split('|') : [Word(place, expected)])
        {
            string name = Enum.GetNames(type).FirstOrDefault(name => OptionNames.Same(part.Trim(), name)) ?? throw Wrong(start, place, expected);
            value |= Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture);
        }
        return Enum.ToObject(type, value);
    }

    private Array Items(Type element, string place, RecordFamily family)
    {
        if (!Take('['))
            throw Error(_at, $"found {Found()} for {place}; expected a list in square brackets");
        var items = new List<object?>();
        if (!Take(']'))
        {
            do
                items.Add(Value(element, place, family));
            while (Take(',') || (family.Of(element) is not null && Take('|')));
            if (!Take(']'))
                throw Error(_at, $"found {Found()} in {place}; expected ',' or ']'");
        }
        var array = Array.CreateInstance(element, items.Count);
        for (int i = 0; i < items.Count; i++)
            array.SetValue(items[i], i);
        return array;
    }

    /// <summary>A value of another type, or a text in quotes, as JSON writes it.</summary>
    private object? Json(Type type, string place, RecordFamily family)
    {
        int start = _at;
        byte[] rest = Encoding.UTF8.GetBytes(_text[_at..]);
        try
        {
            var reader = new Utf8JsonReader(rest);
            using JsonDocument value = JsonDocument.ParseValue(ref reader);
            _at += Encoding.UTF8.GetCharCount(rest.AsSpan(0, (int)reader.BytesConsumed));
            return value.Deserialize(type, family.Json);
        }
        catch (JsonException e)
        {
            throw Error(start, $"{place} is no JSON of its type: {e.Message}");
        }
    }

    private string Name()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-'))
            _at++;
        return _at > start ? _text[start.._at] : throw Error(start, $"found {Found()}; expected a name");
    }

    /// <summary>Everything up to the end of the value.</summary>
    private string Word(string place, string expected)
    {
        int start = _at;
        while (_at < _text.Length && _text[_at] is not (',' or ')' or ']' or '(' or '[' or '='))
            _at++;
        string word = _text[start.._at].Trim();
        return word.Length > 0 ? word : throw Error(start, $"found {Found()} for {place}; expected {expected}");
    }

    private bool TakeNull()
    {
        const string Null = "null";
        int end = _at + Null.Length;
        if (string.CompareOrdinal(_text, _at, Null, 0, Null.Length) != 0 || (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '_' or '-' or '.' or '/')))
            return false;
        _at = end;
        return true;
    }

    private bool Take(char c)
    {
        Spaces();
        if (Peek() != c)
            return false;
        _at++;
        return true;
    }

    private void Spaces()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }

    private char? Peek() => _at < _text.Length ? _text[_at] : null;

    private string Found() => _at < _text.Length ? $"'{_text[_at]}'" : "the end";

    private FormatException Wrong(int start, string place, string expected) => Error(start, $"{place} is '{_text[start.._at].Trim()}'; expected {expected}");

    private FormatException Error(int at, string problem) => new($"\"{_text}\", position {at + 1}: {problem}.");

    private object Checked(object record, RecordFamily family, int start)
    {
        try
        {
            family.Validate(record);
            return record;
        }
        catch (ArgumentException e)
        {
            throw Error(start, e.Message.TrimEnd('.'));
        }
    }
}
