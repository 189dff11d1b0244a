using System.Xml.Linq;
using static MLNet.FineTune.Search.Markup;

namespace MLNet.FineTune.Search;

/// <summary>A frame with two axes, as inline SVG.</summary>
/// <param name="x">The horizontal axis.</param>
/// <param name="y">The vertical axis.</param>
/// <param name="xLabel">What is on the horizontal axis.</param>
/// <param name="yLabel">What is on the vertical axis.</param>
internal sealed class Plot(AxisScale x, AxisScale y, string xLabel, string yLabel)
{
    private const double Width = 720, Height = 400, Left = 80, Right = 20, Top = 15, Bottom = 50, Padding = 10;

    /// <summary>Where a point lies in the picture; null where one of its values has no place.</summary>
    public (double X, double Y)? At(object? xValue, object? yValue) =>
        x.Position(xValue) is { } across && y.Position(yValue) is { } up ? (Across(across), Up(up)) : null;

    /// <summary>A line through points, leaving out those without a place.</summary>
    public XElement Line(string style, IEnumerable<(object? X, object? Y)> points, params object[] content) =>
        Polyline(style, points.Select(point => At(point.X, point.Y)).OfType<(double, double)>(), content);

    /// <summary>A line through places in a picture.</summary>
    public static XElement Polyline(string style, IEnumerable<(double X, double Y)> points, params object[] content) => Element(
        "polyline",
        [("class", style), ("points", string.Join(' ', points.Select(point => FormattableString.Invariant($"{point.X:0.#},{point.Y:0.#}"))))],
        content);

    /// <param name="name">What the picture shows, for those who cannot see it.</param>
    /// <param name="content">What is drawn into the frame.</param>
    public XElement ToSvg(string name, IEnumerable<XElement> content)
    {
        double middle = (Top + Height - Bottom) / 2;
        return Element(
            "svg",
            [("viewBox", FormattableString.Invariant($"0 0 {Width} {Height}")), ("role", "img"), ("aria-label", name)],
            Element("rect", [("class", "frame"), ("x", Left), ("y", Top), ("width", Width - Left - Right), ("height", Height - Top - Bottom)]),
            x.Ticks.Select(tick => Element("text", [("class", "tick"), ("text-anchor", "middle"), ("x", Across(tick.Position)), ("y", Height - Bottom + 18)], tick.Label)),
            y.Ticks.Select(tick => Element("text", [("class", "tick"), ("text-anchor", "end"), ("x", Left - 6), ("y", Up(tick.Position) + 4)], tick.Label)),
            y.Ticks.Select(tick => Element("line", [("class", "grid"), ("x1", Left), ("x2", Width - Right), ("y1", Up(tick.Position)), ("y2", Up(tick.Position))])),
            Element("text", [("class", "label"), ("text-anchor", "middle"), ("x", (Left + Width - Right) / 2), ("y", Height - 10)], xLabel),
            Element("text", [("class", "label"), ("text-anchor", "middle"), ("transform", FormattableString.Invariant($"translate(16 {middle}) rotate(-90)"))], yLabel),
            content);
    }

    private static double Across(double position) => Left + Padding + position * (Width - Left - Right - 2 * Padding);

    private static double Up(double position) => Height - Bottom - Padding - position * (Height - Top - Bottom - 2 * Padding);
}
