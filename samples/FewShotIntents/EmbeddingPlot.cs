using MathNet.Numerics.LinearAlgebra;
using Samples;
using ScottPlot;

namespace FewShotIntents;

/// <summary>Embeddings of texts as points in two pictures beside each other, before and after training; a colour a class.</summary>
internal static class EmbeddingPlot
{
    private const int Width = 1400;
    private const int Height = 650;

    /// <summary>Draws and saves.</summary>
    /// <param name="before">An embedding a text.</param>
    /// <param name="after">The same texts' after training.</param>
    /// <param name="classes">The class of each text.</param>
    /// <param name="path">The picture, a PNG.</param>
    public static void Save(IReadOnlyList<float[]> before, IReadOnlyList<float[]> after, IReadOnlyList<string> classes, string path)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        multiplot.Layout = new ScottPlot.MultiplotLayouts.Columns();
        Draw(multiplot.GetPlot(0), "before", before, classes, legend: false);
        Draw(multiplot.GetPlot(1), "after", after, classes, legend: true);
        PlotFile.Save(path, file => multiplot.SavePng(file, Width, Height));
    }

    private static void Draw(Plot plot, string title, IReadOnlyList<float[]> embeddings, IReadOnlyList<string> classes, bool legend)
    {
        (double X, double Y)[] points = Project(embeddings);
        var palette = new ScottPlot.Palettes.Category20();
        foreach ((int index, string name) in classes.Distinct().Order(StringComparer.Ordinal).Index())
        {
            int[] rows = [.. Enumerable.Range(0, classes.Count).Where(row => classes[row] == name)];
            var markers = plot.Add.Markers(rows.Select(row => points[row].X).ToArray(), rows.Select(row => points[row].Y).ToArray(), MarkerShape.FilledCircle, 6, palette.GetColor(index));
            if (legend)
                markers.LegendText = name;
        }
        plot.Title(title);
        plot.HideAxesAndGrid();
        if (legend)
            plot.ShowLegend(Edge.Right);
    }

    /// <summary>The two directions in which unit embeddings vary most (principal components).</summary>
    private static (double X, double Y)[] Project(IReadOnlyList<float[]> embeddings)
    {
        Matrix<double> rows = Matrix<double>.Build.DenseOfRows(embeddings.Select(row => row.Select(value => (double)value))).NormalizeRows(2);
        Vector<double> mean = rows.ColumnSums() / rows.RowCount;
        foreach (int row in Enumerable.Range(0, rows.RowCount))
            rows.SetRow(row, rows.Row(row) - mean);
        Matrix<double> directions = rows.TransposeThisAndMultiply(rows).Evd(Symmetricity.Symmetric).EigenVectors;
        int last = directions.ColumnCount - 1;
        Matrix<double> projected = rows * Matrix<double>.Build.DenseOfColumnVectors(directions.Column(last), directions.Column(last - 1));
        return [.. projected.EnumerateRows().Select(row => (row[0], row[1]))];
    }
}
