using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Trainers;

/// <summary>A column with a weight for each row, and the weights that were read.</summary>
internal sealed class ExampleWeights
{
    private const string Role = "example weight";

    private readonly List<float> _weights = [];

    private ExampleWeights(DataViewSchema.Column column) => Column = column;

    public DataViewSchema.Column Column { get; }

    /// <exception cref="ArgumentOutOfRangeException">The column is missing or has the wrong type.</exception>
    public static ExampleWeights Bind(DataViewSchema schema, string name, string parameter)
    {
        DataViewSchema.Column column = SchemaError.Find(schema, parameter, Role, name);
        return TextClassificationSchema.IsWeight(column.Type) ? new(column) : throw SchemaError.WrongType(parameter, Role, name, "Single or Double", column.Type.ToString()!);
    }

    /// <summary>An action that keeps the weight of the row's current position, whose number it is given for messages.</summary>
    /// <param name="row">The row.</param>
    /// <param name="what">What messages call the data.</param>
    public Action<long> MakeReader(DataViewRow row, string what)
    {
        ValueGetter<float> getter = RowCursorUtils.GetGetterAs<float>(NumberDataViewType.Single, row, Column.Index);
        float weight = 0;
        return number =>
        {
            getter(ref weight);
            _weights.Add(float.IsFinite(weight) && weight >= 0 ? weight : throw new InvalidOperationException(
                $"The weight of row {number} (counted from 0) of the {what}, column '{Column.Name}', is {weight.ToString(CultureInfo.InvariantCulture)}; expected a finite number of at least 0. Filter or correct such rows."));
        };
    }

    /// <summary>The weights of the rows that were kept.</summary>
    public float[] ToArray() => [.. _weights];
}
