using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Pretraining;

/// <summary>The texts of a data view as a corpus: read row by row, as often as asked, never held in memory.</summary>
internal sealed class CorpusView
{
    private const int RowsPerPoll = 256;

    private readonly IHost _host;
    private readonly IDataView _data;
    private readonly string _what;
    private readonly DataViewSchema.Column _text;
    private readonly DataViewSchema.Column? _document;
    private readonly DataViewSchema.Column? _heading;
    private readonly DataViewSchema.Column? _source;
    private readonly Action _checkAlive;
    private bool _warned;

    /// <param name="host">Receives warnings.</param>
    /// <param name="data">The data.</param>
    /// <param name="columns">Which columns hold what.</param>
    /// <param name="what">What messages call the data.</param>
    /// <param name="parameter">The argument or option that the data came by, for exceptions.</param>
    /// <param name="checkAlive">Polled while rows are read; throws to stop.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    public CorpusView(IHost host, IDataView data, CorpusColumns columns, string what, string parameter, Action checkAlive)
    {
        (_host, _data, _what, _checkAlive) = (host, data, what, checkAlive);
        _text = Find("text", columns.Text);
        _document = columns.Document is { } document ? Find("document", document) : null;
        _heading = columns.Heading is { } heading ? Find("heading", heading) : null;
        _source = columns.Source is { } source ? Find("source", source) : null;

        DataViewSchema.Column Find(string role, string name)
        {
            DataViewSchema.Column column = SchemaError.Find(data.Schema, parameter, role, name);
            return column.Type is TextDataViewType ? column
                : throw SchemaError.WrongType(parameter, role, name, "text (String)", column.Type.ToString()!, "Convert it, for instance with ConvertType.");
        }
    }

    /// <summary>The rows in their order, those without text included. A missing text (null) arrives from ML.NET as empty text.</summary>
    /// <exception cref="InvalidOperationException">At the end: there was no row, or none with text.</exception>
    public IEnumerable<CorpusText> Read()
    {
        using DataViewRowCursor cursor = _data.GetRowCursor(new[] { _text, _document, _heading, _source }.OfType<DataViewSchema.Column>());
        Func<string> text = Reader(cursor, _text)!;
        Func<string>? document = Reader(cursor, _document), heading = Reader(cursor, _heading), source = Reader(cursor, _source);
        long rows = 0, empty = 0;
        for (; ; rows++)
        {
            if (rows % RowsPerPoll == 0)
                _checkAlive();
            if (!cursor.MoveNext())
                break;
            string value = text();
            if (string.IsNullOrWhiteSpace(value))
                empty++;
            yield return new CorpusText(value, NullIfEmpty(document?.Invoke()), NullIfEmpty(heading?.Invoke()), NullIfEmpty(source?.Invoke()));
        }
        CheckRows(rows, empty);
    }

    /// <summary>A digest of all that <see cref="Read"/> gives.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (CorpusText text in Read())
            foreach (string? part in (ReadOnlySpan<string?>)[text.Text, text.Document, text.Heading, text.Source])
            {
                hash.AppendData(MemoryMarshal.AsBytes<int>([part?.Length ?? -1]));
                hash.AppendData(MemoryMarshal.AsBytes(part.AsSpan()));
            }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void CheckRows(long rows, long empty)
    {
        if (rows == 0)
            throw new InvalidOperationException($"The {_what} has no rows. Check the path it was loaded from, the filters before it, and that it can be read more than once.");
        if (empty == rows)
            throw new InvalidOperationException($"None of the {rows} rows of the {_what} has text in '{_text.Name}': every one is null or empty. Check the column name and the separator the data was loaded with.");
        if (empty == 0 || _warned)
            return;
        _warned = true;
        using IChannel channel = _host.Start("Reading the " + _what);
        channel.Warning("{0} of {1} rows of the {2} have no text in '{3}' (null or empty) and are skipped.", empty, rows, _what, _text.Name);
    }

    private static Func<string>? Reader(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is not { } bound)
            return null;
        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(bound);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getter(ref value);
            return value.ToString();
        };
    }

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
