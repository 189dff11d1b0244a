using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Transformers;

/// <summary>The values of one passed-through column for the rows that were read ahead.</summary>
internal abstract class ColumnBuffer
{
    /// <summary>Whether values of the type can be kept. Others (images) are objects with an owner, made anew by each call of a getter.</summary>
    public static bool Supports(DataViewType type) => type is PrimitiveDataViewType or VectorDataViewType;

    public static ColumnBuffer Create(DataViewRow row, DataViewSchema.Column column) =>
        (ColumnBuffer)Activator.CreateInstance(
            column.Type is VectorDataViewType vector
                ? typeof(VectorColumnBuffer<>).MakeGenericType(vector.ItemType.RawType)
                : typeof(ScalarColumnBuffer<>).MakeGenericType(column.Type.RawType),
            row, column)!;

    public abstract void Resize(int rows);

    /// <summary>Keeps the value of the row's current position; returns how many elements it has.</summary>
    public abstract int Read(int index);

    /// <summary>A getter of the kept value of the row whose index <paramref name="index"/> gives.</summary>
    public abstract Delegate MakeGetter(Func<int> index);
}

/// <inheritdoc/>
internal sealed class ScalarColumnBuffer<T>(DataViewRow row, DataViewSchema.Column column) : ColumnBuffer
{
    private readonly ValueGetter<T> _source = row.GetGetter<T>(column);
    private T[] _values = [];

    public override void Resize(int rows) => Array.Resize(ref _values, rows);

    public override int Read(int index)
    {
        _source(ref _values[index]);
        return 1;
    }

    public override Delegate MakeGetter(Func<int> index) => (ValueGetter<T>)((ref T value) => value = _values[index()]);
}

/// <inheritdoc/>
internal sealed class VectorColumnBuffer<T>(DataViewRow row, DataViewSchema.Column column) : ColumnBuffer
{
    private readonly ValueGetter<VBuffer<T>> _source = row.GetGetter<VBuffer<T>>(column);
    private VBuffer<T>[] _values = [];

    public override void Resize(int rows) => Array.Resize(ref _values, rows);

    public override int Read(int index)
    {
        _source(ref _values[index]);
        return _values[index].GetValues().Length;
    }

    public override Delegate MakeGetter(Func<int> index) =>
        (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[index()].CopyTo(ref value));
}
