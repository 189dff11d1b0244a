using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Transformers;
using static Microsoft.ML.Data.AnnotationUtils;
using static Microsoft.ML.SchemaShape.Column;

namespace MLNet.FineTune.Trainers;

/// <summary>What a trainer of text classifiers asks of its input's schema and promises of its output's.</summary>
internal static class TextClassificationSchema
{
    private const string Parameter = "inputSchema";

    private static readonly SchemaShape.Column SlotNames = new(Kinds.SlotNames, VectorKind.Vector, TextDataViewType.Instance, isKey: false);

    /// <summary>Checks the input and gives the schema that the fitted transformer's output will have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public static SchemaShape GetOutputShape(SchemaShape input, TrainingColumns columns, ScoringColumns outputs, ClassificationTask task)
    {
        ArgumentNullException.ThrowIfNull(input);
        columns.Check();
        if (columns.ExampleWeight is not null)
            CheckWeight(input, columns.ExampleWeight);
        return GetOutputShape(input, SchemaError.Find(input, Parameter, "label", columns.Label), columns, outputs, task);
    }

    /// <summary>As the other, where the label is given and need not be in the input.</summary>
    /// <inheritdoc cref="GetOutputShape(SchemaShape, TrainingColumns, ScoringColumns, ClassificationTask)"/>
    public static SchemaShape GetOutputShape(SchemaShape input, SchemaShape.Column label, TrainingColumns columns, ScoringColumns outputs, ClassificationTask task)
    {
        ArgumentNullException.ThrowIfNull(input);
        outputs = task == ClassificationTask.Binary ? outputs.ForBinary() : outputs with { Probability = null };
        outputs.Check();
        if (task == ClassificationTask.Tagging)
            TextColumns.CheckWords(input, columns.Sentence1, Parameter);
        else
            TextColumns.Check(input, "sentence1", columns.Sentence1, Parameter);
        if (columns.Sentence2 is not null)
            TextColumns.Check(input, "sentence2", columns.Sentence2, Parameter);
        IEnumerable<SchemaShape.Column> added = task switch
        {
            ClassificationTask.Multiclass => Multiclass(label, outputs),
            ClassificationTask.Binary => Binary(label, outputs),
            ClassificationTask.Regression => Regression(label, outputs),
            ClassificationTask.Tagging => Tagging(label, outputs),
            _ => MultiLabel(label, outputs),
        };
        return Append(input, added);
    }

    /// <summary>The schema with output columns: one hides an input column of its name, in its place; the others follow the input's columns.</summary>
    public static SchemaShape Append(SchemaShape input, IEnumerable<SchemaShape.Column> added)
    {
        Dictionary<string, SchemaShape.Column> all = input.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (SchemaShape.Column column in added)
            all[column.Name] = column;
        return new SchemaShape(all.Values);
    }

    /// <summary>Whether the type can weight examples.</summary>
    public static bool IsWeight(DataViewType type) => type == NumberDataViewType.Single || type == NumberDataViewType.Double;

    private static SchemaShape.Column[] Multiclass(SchemaShape.Column label, ScoringColumns outputs)
    {
        if (!label.IsKey || label.Kind != VectorKind.Scalar)
            throw SchemaError.WrongType(Parameter, "label", label.Name, "a key", label.GetTypeString(),
                LabelColumn.Remedy(label.Kind == VectorKind.Scalar ? label.ItemType : new VectorDataViewType((PrimitiveDataViewType)label.ItemType), label.Name));
        return OfKeys(label, outputs, VectorKind.Scalar);
    }

    private static SchemaShape.Column[] MultiLabel(SchemaShape.Column label, ScoringColumns outputs)
    {
        if (label.IsKey && label.Kind != VectorKind.Scalar)
            return OfKeys(label, outputs, VectorKind.VariableVector);
        if (label.Kind != VectorKind.Vector || !LabelColumn.IsIndicator(label.ItemType))
            throw SchemaError.WrongType(Parameter, "label", label.Name, LabelColumn.MultiLabelTypes, label.GetTypeString(), LabelColumn.MultiLabelRemedy(label.Name));
        SchemaShape annotations = new([.. GetTrainerOutputAnnotation(), SlotNames]);
        return
        [
            new(outputs.PredictedLabel, VectorKind.Vector, BooleanDataViewType.Instance, isKey: false, annotations),
            new(outputs.Score, VectorKind.Vector, NumberDataViewType.Single, isKey: false, annotations),
        ];
    }

    private static SchemaShape.Column[] Tagging(SchemaShape.Column label, ScoringColumns outputs)
    {
        if (!label.IsKey || label.Kind == VectorKind.Scalar)
            throw SchemaError.WrongType(Parameter, "label", label.Name, LabelColumn.TagTypes, label.GetTypeString(), LabelColumn.TagRemedy(label.Name));
        return
        [
            OfKeys(label, outputs, VectorKind.VariableVector)[0],
            new(outputs.Score, VectorKind.VariableVector, NumberDataViewType.Single, isKey: false, new SchemaShape(GetTrainerOutputAnnotation())),
        ];
    }

    /// <summary>The outputs where the label is of keys: the predicted key or keys, and a score for each of its values.</summary>
    private static SchemaShape.Column[] OfKeys(SchemaShape.Column label, ScoringColumns outputs, VectorKind predictedKind)
    {
        List<SchemaShape.Column> predicted = [.. GetTrainerOutputAnnotation()];
        List<SchemaShape.Column> score = [.. GetTrainerOutputAnnotation(), SlotNames];
        if (label.Annotations.TryFindColumn(Kinds.KeyValues, out SchemaShape.Column values) && values.Kind == VectorKind.Vector)
        {
            predicted.Add(new(Kinds.KeyValues, VectorKind.Vector, values.ItemType, isKey: false));
            score.Add(new(Kinds.TrainingLabelValues, VectorKind.Vector, values.ItemType, isKey: false));
        }
        return
        [
            new(outputs.PredictedLabel, predictedKind, label.ItemType, isKey: true, new SchemaShape(predicted)),
            new(outputs.Score, VectorKind.Vector, NumberDataViewType.Single, isKey: false, new SchemaShape(score)),
        ];
    }

    private static SchemaShape.Column[] Binary(SchemaShape.Column label, ScoringColumns outputs)
    {
        if (label.Kind != VectorKind.Scalar || !(label.IsKey || label.ItemType is BooleanDataViewType || IsWeight(label.ItemType)))
            throw SchemaError.WrongType(Parameter, "label", label.Name, "Boolean (or Single, Double, or a key of two values)", label.GetTypeString(), "Convert it to Boolean, for instance with MapValue.");
        return
        [
            new(outputs.PredictedLabel, VectorKind.Scalar, BooleanDataViewType.Instance, isKey: false, new SchemaShape(GetTrainerOutputAnnotation())),
            new(outputs.Score, VectorKind.Scalar, NumberDataViewType.Single, isKey: false, new SchemaShape(GetTrainerOutputAnnotation())),
            new(outputs.Probability!, VectorKind.Scalar, NumberDataViewType.Single, isKey: false, new SchemaShape(GetTrainerOutputAnnotation(isNormalized: true))),
        ];
    }

    private static SchemaShape.Column[] Regression(SchemaShape.Column label, ScoringColumns outputs)
    {
        if (label.Kind != VectorKind.Scalar || label.IsKey || !IsWeight(label.ItemType))
            throw SchemaError.WrongType(Parameter, "label", label.Name, LabelColumn.NumberTypes, label.GetTypeString(), LabelColumn.NumberRemedy(label.Name));
        return [new(outputs.Score, VectorKind.Scalar, NumberDataViewType.Single, isKey: false, new SchemaShape(GetTrainerOutputAnnotation()))];
    }

    /// <summary>Checks a column of weights.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or has the wrong type.</exception>
    public static void CheckWeight(SchemaShape input, string name)
    {
        SchemaShape.Column column = SchemaError.Find(input, Parameter, "example weight", name);
        if (column.Kind != VectorKind.Scalar || column.IsKey || !IsWeight(column.ItemType))
            throw SchemaError.WrongType(Parameter, "example weight", name, "Single or Double", column.GetTypeString());
    }
}
