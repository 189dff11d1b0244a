using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.WeakSupervision;

/// <summary>Appends the votes of labelling functions to data.</summary>
internal static class LabelingFunctionVotes
{
    public static IDataView Append<T>(MLContext context, IDataView data, LabelingFunctions<T> functions, string votesColumnName) where T : class, new()
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Votes));
        SchemaDefinition.Column column = schema[nameof(Votes.Values)];
        column.ColumnName = votesColumnName;
        column.ColumnType = new VectorDataViewType(NumberDataViewType.Int32, functions.Count);
        column.AddAnnotation(AnnotationUtils.Kinds.SlotNames, Texts(functions.Names), new VectorDataViewType(TextDataViewType.Instance, functions.Count));
        column.AddAnnotation(VoteColumn.ClassNamesKind, Texts(functions.ClassNames), new VectorDataViewType(TextDataViewType.Instance, functions.ClassNames.Count));
        return context.Transforms.CustomMapping<T, Votes>((example, votes) => votes.Values = functions.Apply(example), contractName: null, outputSchemaDefinition: schema).Fit(data).Transform(data);
    }

    private static VBuffer<ReadOnlyMemory<char>> Texts(IReadOnlyList<string> texts) => new(texts.Count, [.. texts.Select(text => text.AsMemory())]);

    private sealed class Votes
    {
        public int[] Values { get; set; } = [];
    }
}
